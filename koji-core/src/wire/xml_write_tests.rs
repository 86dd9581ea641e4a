//! The bytes that go out.

use std::collections::BTreeMap;

use super::*;
use crate::wire::{Bytes, Call, DateTime, Value, parse_call, parse_response};

/// One value without what surrounds it.
fn one<T: Serialize + ?Sized>(value: &T) -> String {
    let text = result_text(value).unwrap();
    let head = "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n";
    let tail = "</param>\n</params>\n</methodResponse>\n";
    text.strip_prefix(head).unwrap().strip_suffix(tail).unwrap().to_owned()
}

#[test]
fn values_are_pythons() {
    assert_eq!(one(&2147483647), "<value><int>2147483647</int></value>\n");
    assert_eq!(one(&-2147483648i64), "<value><int>-2147483648</int></value>\n");
    assert_eq!(one(&2147483648i64), "<value><i8>2147483648</i8></value>\n");
    assert_eq!(one(&None::<i32>), "<value><nil/></value>");
    assert_eq!(one(&true), "<value><boolean>1</boolean></value>\n");
    assert_eq!(one(&1.0), "<value><double>1.0</double></value>\n");
    assert_eq!(one("<&>"), "<value><string>&lt;&amp;&gt;</string></value>\n");
    assert_eq!(one(&Bytes(vec![])), "<value><base64>\n</base64></value>\n");
    let line = "QUFB".repeat(19);
    assert_eq!(one(&Bytes(vec![b'A'; 58])), format!("<value><base64>\n{line}\nQQ==\n</base64></value>\n"));
    assert_eq!(
        one(&DateTime("20240102T03:04:05".into())),
        "<value><dateTime.iso8601>20240102T03:04:05</dateTime.iso8601></value>\n"
    );
    assert_eq!(
        one(&(1, None::<()>, Vec::<i32>::new())),
        "<value><array><data>\n<value><int>1</int></value>\n<value><nil/></value><value><array><data>\n\
         </data></array></value>\n</data></array></value>\n"
    );
    assert_eq!(
        one(&BTreeMap::from([(3, "c")])),
        "<value><struct>\n<member>\n<name>3</name>\n<value><string>c</string></value>\n</member>\n</struct></value>\n"
    );
}

#[test]
fn values_of_the_wire_are_written_as_their_types() {
    let value = Value::Array(vec![Value::Nil, Value::Bytes(b"x".to_vec()), Value::DateTime("t".into())]);
    assert_eq!(one(&value), one(&((), Bytes(b"x".to_vec()), DateTime("t".into()))));
}

#[test]
fn json_columns_are_written() {
    let json: serde_json::Value =
        serde_json::from_str(r#"{"a":[1,9007199254740993,1.5,1e300,null],"b":{}}"#).unwrap();
    let raw = serde_json::value::RawValue::from_string(json.to_string()).unwrap();
    assert_eq!(one(&json), one(&raw));
    assert!(one(&json).contains("<i8>9007199254740993</i8>"));
    assert!(one(&json).contains("<double>1e+300</double>"));
    assert!(result_text(&serde_json::json!(u64::MAX)).unwrap_err().message.contains("64 bits"));
}

#[test]
fn variants_are_structs() {
    #[derive(Serialize)]
    enum Kind {
        Plain,
        One(i32),
        Two(i32, i32),
        Named { x: i32 },
    }
    for kind in [Kind::Plain, Kind::One(1), Kind::Two(1, 2), Kind::Named { x: 1 }] {
        let read = parse_response(result_text(&kind).unwrap().as_bytes()).unwrap();
        assert_eq!(read, crate::wire::to_value(&kind).unwrap());
    }
}

#[test]
fn calls_are_pythons() {
    let text = request_text("build", &("src", 5)).unwrap();
    assert_eq!(
        text,
        "<?xml version='1.0'?>\n<methodCall>\n<methodName>build</methodName>\n<params>\n<param>\n\
         <value><string>src</string></value>\n</param>\n<param>\n<value><int>5</int></value>\n</param>\n\
         </params>\n</methodCall>\n"
    );
    assert_eq!(
        parse_call(text.as_bytes()).unwrap(),
        Call { method: "build".into(), params: vec!["src".into(), 5.into()] }
    );
    assert_eq!(write_params(&()).unwrap(), "<params>\n</params>\n");
    assert_eq!(write_params(&Vec::<Value>::new()).unwrap(), "<params>\n</params>\n");
    assert!(request_text("build", "no sequence").is_err());
    assert!(request_text("build", &BTreeMap::<i32, i32>::new()).is_err());
}

#[test]
fn faults_are_pythons() {
    assert_eq!(
        fault_text(1000, "no <tag>").unwrap(),
        "<?xml version='1.0'?>\n<methodResponse>\n<fault>\n<value><struct>\n<member>\n<name>faultCode</name>\n\
         <value><int>1000</int></value>\n</member>\n<member>\n<name>faultString</name>\n\
         <value><string>no &lt;tag&gt;</string></value>\n</member>\n</struct></value>\n</fault>\n</methodResponse>\n"
    );
}

#[test]
fn control_characters_never_reach_the_reader() {
    let text = result_text("a\u{1b}[0m\0b\u{ffff}").unwrap();
    assert_eq!(parse_response(text.as_bytes()).unwrap(), "a[0mb".into());
}
