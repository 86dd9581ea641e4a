//! What the reader takes and what it refuses.

use super::*;

fn value(xml: &str) -> Result<Value> {
    let body =
        format!("<methodCall><methodName>m</methodName><params><param>{xml}</param></params></methodCall>");
    parse_call(body.as_bytes()).map(|mut call| call.params.remove(0))
}

fn refused(body: &str) -> String {
    let error = parse_call(body.as_bytes()).unwrap_err();
    assert_eq!(error.fault, Fault::Generic);
    error.message
}

#[test]
fn takes_what_python_takes() {
    for (xml, wanted) in [
        ("<value><int>5</int></value>", Value::Int(5)),
        ("<value> <i4> -5\n</i4> </value>", Value::Int(-5)),
        ("<value><i1>+1</i1></value>", Value::Int(1)),
        ("<value><i2>1</i2></value>", Value::Int(1)),
        ("<value><ex:i8 xmlns:ex='x'>9223372036854775807</ex:i8></value>", Value::Int(i64::MAX)),
        ("<value><biginteger>7</biginteger></value>", Value::Int(7)),
        ("<value><ex:nil/></value>", Value::Nil),
        ("<value><nil></nil></value>", Value::Nil),
        ("<value><boolean>1</boolean></value>", true.into()),
        ("<value><double>1e+16</double></value>", 1e16.into()),
        ("<value><float>-inf</float></value>", f64::NEG_INFINITY.into()),
        ("<value>plain &amp; &#252;&#xfc;</value>", "plain & üü".into()),
        ("<value/>", "".into()),
        ("<value> </value>", " ".into()),
        ("<value><string/></value>", "".into()),
        ("<value><string>a<![CDATA[<b>&]]><!-- no -->c\r\nd</string></value>", "a<b>&c\nd".into()),
        ("<value><base64>\naGVs\nbG8=\n</base64></value>", Value::Bytes(b"hello".to_vec())),
        ("<value><base64/></value>", Value::Bytes(vec![])),
        (
            "<value><dateTime.iso8601> 20240102T03:04:05 </dateTime.iso8601></value>",
            Value::DateTime("20240102T03:04:05".into()),
        ),
        ("<value><array/></value>", Value::Array(vec![])),
        ("<value><array> <data> <value>a</value>\n</data></array></value>", vec!["a".into()].into()),
        ("<value><struct/></value>", Value::Struct(vec![])),
        (
            "<value><struct><member><name>a&lt;</name><value>1</value></member></struct></value>",
            Value::Struct(vec![("a<".into(), "1".into())]),
        ),
    ] {
        assert_eq!(value(xml).unwrap(), wanted, "{xml}");
    }
}

#[test]
fn params_may_be_missing() {
    for body in [
        "<methodCall><methodName>a.b</methodName></methodCall>",
        "\u{feff}<?xml version='1.0' encoding='UTF-8'?>\n<!-- x --><methodCall>\n<methodName> a.b</methodName><params/>\n</methodCall>\n",
    ] {
        assert_eq!(parse_call(body.as_bytes()).unwrap(), Call { method: "a.b".into(), params: vec![] });
    }
}

#[test]
fn refuses_what_is_no_value() {
    for xml in [
        "<value><int>x</int></value>",
        "<value><int></int></value>",
        "<value><i8>9223372036854775808</i8></value>",
        "<value><boolean>true</boolean></value>",
        "<value><base64>a</base64></value>",
        "<value>text<int>1</int></value>",
        "<value><int>1</int>text</value>",
        "<value><int>1</int><int>2</int></value>",
        "<value><string>a<b/></string></value>",
        "<value><thing>1</thing></value>",
        "<value><array><value/></array></value>",
        "<value><struct><member><value/></member></struct></value>",
        "<value>&nbsp;</value>",
        "<value>&#0;</value>",
        "<value>&#xFFFF;</value>",
        "<value>&#xD800;</value>",
        "<value>& </value>",
        "<value>\x01</value>",
    ] {
        assert!(value(xml).is_err(), "{xml}");
    }
}

#[test]
fn refuses_tricks_and_halves() {
    assert!(refused("").contains("too early"));
    assert!(refused("<methodCall><methodName>x</methodName><params>").contains("too early"));
    assert!(refused("<!DOCTYPE x [<!ENTITY a 'b'>]><methodCall/>").contains("document type"));
    assert!(refused("<?xml version='1.0' encoding='iso-8859-1'?><methodCall/>").contains("iso-8859-1"));
    assert!(refused("<methodCall><methodName>x</methodName></methodCall><a/>").contains("more than one"));
    assert!(refused("<methodCall><methodName/></methodCall>").contains("empty"));
    refused("<methodCall><methodName>x</methodCall>");
    assert!(refused("<methodResponse/>").ends_with("expected <methodCall>, found <methodResponse>"));
    assert!(refused("<html></html>").ends_with("expected <methodCall>, found <html>"));
    refused("plain text");
    assert!(parse_call(b"<methodCall>\xff").unwrap_err().message.contains("UTF-8"));
}

#[test]
fn every_prefix_of_a_call_is_refused() {
    let body = "<?xml version='1.0'?>\n<methodCall><methodName>x</methodName><params><param><value><struct><member>\
                <name>a</name><value><array><data><value><int>1</int></value></data></array></value></member>\
                </struct></value></param></params></methodCall>";
    assert!(parse_call(body.as_bytes()).is_ok());
    for end in 0..body.len() {
        assert!(parse_call(&body.as_bytes()[..end]).is_err(), "{end}");
    }
}

#[test]
fn depth_is_bounded() {
    let nested = |depth: usize| {
        let (open, close) = ("<value><array><data>".repeat(depth), "</data></array></value>".repeat(depth));
        value(&(open + &close))
    };
    assert!(nested(MAX_DEPTH).is_ok());
    assert!(nested(MAX_DEPTH + 1).unwrap_err().message.contains("deeper"));
    assert!(nested(100_000).is_err());
}

#[test]
fn faults_become_errors() {
    let fault = |code: &str| {
        format!(
            "<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>{code}</int></value>\
             </member><member><name>faultString</name><value>gone</value></member></struct></value></fault>\
             </methodResponse>"
        )
    };
    let error = parse_response(fault("1004").as_bytes()).unwrap_err();
    assert_eq!((error.fault, &*error.message), (Fault::NotAllowed, "gone"));
    let error = parse_response(fault("4711").as_bytes()).unwrap_err();
    assert_eq!((error.fault, &*error.message), (Fault::Generic, "gone"));
}

#[test]
fn a_response_is_one_value() {
    let body = "<methodResponse><params><param><value><i4>1</i4></value></param></params></methodResponse>";
    assert_eq!(parse_response(body.as_bytes()).unwrap(), Value::Int(1));
    assert!(parse_response(b"<methodResponse><params/></methodResponse>").is_err());
    assert!(parse_response(b"<methodResponse/>").is_err());
}
