//! Random values through every way in and out, and through Python's own reader and writer where there is one.

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use proptest::collection::vec;
use proptest::num::f64 as floats;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::text::is_allowed;
use super::value::without_duplicates;
use super::*;

/// Any text that XML can carry unchanged; markup is made likely.
fn text() -> impl Strategy<Value = String> {
    let c = prop_oneof![
        any::<char>(),
        proptest::char::range(' ', '~'),
        proptest::sample::select(vec!['<', '&', '>', ']', '\n', '\t', '"'])
    ];
    vec(c.prop_filter("allowed in XML", |c| is_allowed(*c) && *c != '\r'), 0..12)
        .prop_map(|chars| chars.into_iter().collect())
}

fn float() -> impl Strategy<Value = f64> {
    prop_oneof![
        floats::NORMAL | floats::SUBNORMAL | floats::ZERO,
        any::<i32>().prop_map(|n| f64::from(n) / 1000.0),
        (-30i32..30).prop_map(|n| 10f64.powi(n)),
    ]
}

/// Values; what JSON has no type for only where `everything` is asked for.
fn value(everything: bool) -> BoxedStrategy<Value> {
    let plain = prop_oneof![
        Just(Value::Nil),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<i32>().prop_map(Value::from),
        float().prop_map(Value::Double),
        text().prop_map(Value::String),
    ];
    let leaf = if everything {
        let special = prop_oneof![
            vec(any::<u8>(), 0..130).prop_map(Value::Bytes),
            "[12][0-9]{7}T[0-9]{2}:[0-9]{2}:[0-9]{2}".prop_map(Value::DateTime),
            Just(Value::Double(f64::INFINITY)),
            Just(Value::Double(f64::NEG_INFINITY)),
        ];
        prop_oneof![3 => plain, 1 => special].boxed()
    } else {
        plain.boxed()
    };
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::Array),
            vec((text(), inner), 0..6).prop_map(|members| Value::Struct(without_duplicates(members))),
        ]
    })
    .boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn xml_gives_back_what_it_took(value in value(true)) {
        let text = result_text(&value).unwrap();
        prop_assert_eq!(&parse_response(text.as_bytes()).unwrap(), &value);
        prop_assert_eq!(xml_read::parse_any_response(text.as_bytes()).unwrap(), value);
    }

    /// A document with something changed is read fast only if it is read slowly to the same.
    #[test]
    fn both_readers_agree(value in value(false), at in any::<proptest::sample::Index>(),
                          instead in proptest::sample::select(vec!["", " ", "<", ">", "&", "1", "-", "\r", "x/"])) {
        let mut text = result_text(&value).unwrap();
        let at = (0..=at.index(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        let end = text[at..].chars().next().map_or(at, |c| at + c.len_utf8());
        text.replace_range(at..end, instead);
        if let Some(read) = plain_read::response(text.as_bytes()) {
            prop_assert_eq!(xml_read::parse_any_response(text.as_bytes()).unwrap(), read);
        }
    }

    #[test]
    fn serde_gives_back_what_it_took(value in value(true)) {
        prop_assert_eq!(&to_value(&value).unwrap(), &value);
        prop_assert_eq!(from_value::<Value>(value.clone()).unwrap(), value);
    }

    #[test]
    fn json_gives_back_what_it_took(value in value(false)) {
        let mut out = Vec::new();
        json::write(&mut out, &value).unwrap();
        // serde_json may err in the last digit of a float
        let read = json::parse(&out).unwrap();
        prop_assert_eq!(rounded(read), rounded(value));
    }

    #[test]
    fn any_text_is_written_readably(text: String, rest in vec(any::<char>(), 0..20)) {
        let text = text + &rest.into_iter().collect::<String>();
        let kept: String = text.chars().filter(|c| is_allowed(*c)).collect();
        let read = parse_response(result_text(&text).unwrap().as_bytes()).unwrap();
        prop_assert_eq!(read, Value::String(kept.replace("\r\n", "\n").replace('\r', "\n")));
    }

    /// Damaged documents are errors or other documents, never a panic, and what is read can be written.
    #[test]
    fn damage_does_no_harm(value in value(true), damage in vec((any::<prop::sample::Index>(), any::<u8>(), 0u8..3), 1..6)) {
        let mut body = request_text("build", &[value]).unwrap().into_bytes();
        for (at, byte, how) in damage {
            let at = at.index(body.len());
            match how {
                0 => body[at] = byte,
                1 => body.insert(at, b"<>&/;]!-x1"[usize::from(byte) % 10]),
                _ => { body.remove(at); }
            }
        }
        if let Ok(call) = parse_call(&body) {
            let text = request_text(&call.method, &call.params).unwrap();
            prop_assert_eq!(parse_call(text.as_bytes()).unwrap().params.len(), call.params.len());
        }
    }
}

fn rounded(value: Value) -> Value {
    match value {
        Value::Double(float) => Value::String(format!("{float:.12e}")),
        Value::Array(items) => Value::Array(items.into_iter().map(rounded).collect()),
        Value::Struct(members) => Value::Struct(members.into_iter().map(|(k, v)| (k, rounded(v))).collect()),
        other => other,
    }
}

/// Reads documents with Python's own library and writes them again, each after its length.
const ORACLE: &str = r#"
import sys
import xmlrpc.client as rpc

class Writer(rpc.Marshaller):
    dispatch = dict(rpc.Marshaller.dispatch)

    def whole(self, number, write):
        kind = "int" if -2**31 <= number < 2**31 else "i8"
        write(f"<value><{kind}>{number}</{kind}></value>\n")

    dispatch[int] = whole

rpc.FastMarshaller = None
rpc.Marshaller = Writer
rest = sys.stdin.buffer.read()
while rest:
    length, rest = rest.split(b"\n", 1)
    document, rest = rest[: int(length)], rest[int(length) :]
    params, method = rpc.loads(document)
    written = rpc.dumps(params, methodname=method, allow_none=True).encode()
    sys.stdout.buffer.write(b"%d\n" % len(written) + written)
"#;

/// Ours is read by Python, and Python writes the same bytes again.
#[test]
fn python_agrees_byte_for_byte() {
    let mut runner = TestRunner::default();
    let strategy = vec(value(true), 0..4);
    let calls: Vec<Vec<Value>> =
        (0..400).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect();
    let documents: Vec<String> = calls.iter().map(|params| request_text("a.b", params).unwrap()).collect();
    let Ok(mut python) =
        Command::new("python3").arg("-c").arg(ORACLE).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()
    else {
        println!("skipped: there is no python3 to compare with");
        return;
    };
    let mut stdin = python.stdin.take().unwrap();
    for document in &documents {
        write!(stdin, "{}\n{document}", document.len()).unwrap();
    }
    drop(stdin);
    let mut written = Vec::new();
    python.stdout.take().unwrap().read_to_end(&mut written).unwrap();
    assert!(python.wait().unwrap().success());

    let mut rest = written.as_slice();
    for (params, document) in calls.iter().zip(&documents) {
        let end = memchr::memchr(b'\n', rest).unwrap();
        let length: usize = std::str::from_utf8(&rest[..end]).unwrap().parse().unwrap();
        let (theirs, more) = rest[end + 1..].split_at(length);
        assert_eq!(std::str::from_utf8(theirs).unwrap(), document);
        assert_eq!(&parse_call(theirs).unwrap().params, params);
        rest = more;
    }
    assert!(rest.is_empty());
}
