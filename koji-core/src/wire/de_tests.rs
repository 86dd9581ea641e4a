//! Typed things to values and back, and what is refused.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::*;
use crate::Fault;
use crate::wire::{Bytes, DateTime, to_value};

#[derive(Debug, Deserialize, PartialEq, Serialize)]
#[serde(transparent)]
struct TagId(i64);

#[derive(Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Arch {
    Noarch,
    Other(String),
    Pair(i32, i32),
    Named { bits: u8 },
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Args {
    tag: TagId,
    #[serde(default)]
    strict: bool,
    owner: Option<String>,
    archs: Vec<Arch>,
    weight: f64,
    extra: Value,
    data: Bytes,
    time: DateTime,
    counts: BTreeMap<i32, u16>,
    pair: (i8, String),
}

fn args() -> Args {
    Args {
        tag: TagId(5),
        strict: true,
        owner: None,
        archs: vec![Arch::Noarch, Arch::Other("x".into()), Arch::Pair(1, 2), Arch::Named { bits: 64 }],
        weight: 1.5,
        extra: Value::Array(vec![Value::DateTime("t".into()), Value::Bytes(vec![1]), Value::Nil]),
        data: Bytes(vec![0, 200]),
        time: DateTime("20240102T03:04:05".into()),
        counts: [(-1, 2)].into(),
        pair: (3, "p".into()),
    }
}

#[test]
fn typed_things_come_back() {
    let value = to_value(&args()).unwrap();
    assert_eq!(value.get("time"), Some(&Value::DateTime("20240102T03:04:05".into())));
    assert_eq!(value.get("data"), Some(&Value::Bytes(vec![0, 200])));
    assert_eq!(value.get("counts"), Some(&Value::Struct(vec![("-1".into(), 2.into())])));
    assert_eq!(from_value::<Args>(value.clone()).unwrap(), args());
    assert_eq!(from_value::<Value>(value.clone()).unwrap(), value);
    assert_eq!(to_value(&value).unwrap(), value);
}

#[test]
fn lenient_as_python() {
    assert!(from_value::<bool>(1.into()).unwrap());
    assert_eq!(from_value::<i64>(true.into()).unwrap(), 1);
    assert_eq!(from_value::<f64>(3.into()).unwrap(), 3.0);
    assert_eq!(from_value::<Bytes>("ü".into()).unwrap().0, "ü".as_bytes());
    assert_eq!(from_value::<DateTime>("now".into()).unwrap().0, "now");
    assert_eq!(from_value::<Option<i64>>(Value::Nil).unwrap(), None);
    from_value::<()>(Value::Nil).unwrap();
    assert_eq!(
        from_value::<serde_json::Value>(vec![1.into(), "a".into()].into()).unwrap(),
        serde_json::json!([1, "a"])
    );
}

#[test]
fn refusals_say_what_and_where() {
    fn told<T: DeserializeOwned + std::fmt::Debug>(value: Value) -> String {
        let error = from_value::<T>(value).unwrap_err();
        assert_eq!(error.fault, Fault::Parameter);
        error.message
    }
    assert_eq!(told::<i64>("5".into()), "expected int, got str '5'");
    assert_eq!(told::<bool>(2.into()), "expected bool, got int 2");
    assert_eq!(told::<String>(Value::Nil), "expected str, got NoneType");
    assert_eq!(told::<u8>(300.into()), "expected u8, got int 300");
    assert_eq!(told::<Vec<i64>>(vec![1.into(), Value::Nil].into()), "[1]: expected int, got NoneType");
    assert_eq!(told::<(i64,)>(vec![1.into(), 2.into()].into()), "expected a list of 1, got one of 2");
    assert_eq!(told::<Arch>("z".into()), "'z' is none of: noarch, other, pair, named");
    let nested = Value::Struct(vec![("tag".into(), "x".into())]);
    assert_eq!(told::<Args>(nested), "tag: expected int, got str 'x'");
    assert_eq!(told::<Args>(Value::Struct(vec![])), "'tag' is missing");
    assert_eq!(told::<Args>(Value::Array(vec![])), "expected dict, got list");
}

#[test]
fn big_integers_and_raw_json() {
    assert_eq!(to_value(&(1u64 << 40)).unwrap(), Value::Int(1 << 40));
    assert!(to_value(&u64::MAX).is_err());
    let raw = serde_json::value::RawValue::from_string("{\"b\": 1, \"a\": [2.5]}".into()).unwrap();
    let wanted = Value::Struct(vec![("b".into(), 1.into()), ("a".into(), vec![2.5.into()].into())]);
    assert_eq!(to_value(&Some(raw)).unwrap(), wanted);
}
