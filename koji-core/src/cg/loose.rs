//! Parts of metadata of which the format does not settle the type: read as Koji and its database take them.

use std::ops::Deref;

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;

use crate::db::Time;

/// Text. The database stores a number as its digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(pub String);

impl Deref for Text {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match Json::deserialize(from)? {
            Json::String(text) => Ok(Self(text)),
            Json::Number(number) => Ok(Self(number.to_string())),
            Json::Bool(flag) => Ok(Self(flag.to_string())),
            other => Err(D::Error::custom(format!("not text: {other}"))),
        }
    }
}

/// Whether something is so: whatever Python takes for true.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flag(pub bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Json::deserialize(from).map(|value| Self(is_true(&value)))
    }
}

/// Whether Python takes it for true.
pub fn is_true(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::Bool(flag) => *flag,
        Json::Number(number) => number.as_f64() != Some(0.0),
        Json::String(text) => !text.is_empty(),
        Json::Array(list) => !list.is_empty(),
        Json::Object(members) => !members.is_empty(),
    }
}

/// A list. An empty text or object is one without items.
pub fn list<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Vec<T>, D::Error> {
    match Json::deserialize(from)? {
        Json::Array(list) => {
            list.into_iter().map(|item| serde_json::from_value(item).map_err(D::Error::custom)).collect()
        }
        other if (other.is_string() || other.is_object()) && !is_true(&other) => Ok(Vec::new()),
        other => Err(D::Error::custom(format!("not a list: {other}"))),
    }
}

/// A list. Anything that Python takes for false has no items.
pub fn list_if_true<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Vec<T>, D::Error> {
    let value = Json::deserialize(from)?;
    if is_true(&value) { list(value).map_err(D::Error::custom) } else { Ok(Vec::new()) }
}

/// The path of a directory. Anything that Python takes for false is none.
pub fn dir<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    match Json::deserialize(from)? {
        other if !is_true(&other) => Ok(None),
        Json::String(dir) => Ok(Some(dir)),
        other => Err(D::Error::custom(format!("not the path of a directory: {other}"))),
    }
}

/// An epoch that was said, which may be null. The database rounds a fraction.
pub fn epoch<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<i64>>, D::Error> {
    let value = Json::deserialize(from)?;
    let epoch = match &value {
        Json::Null => return Ok(Some(None)),
        Json::String(text) => text.trim().parse().ok(),
        Json::Number(number) => {
            number.as_i64().or_else(|| number.as_f64().map(|number| number.round_ties_even() as i64))
        }
        _ => None,
    };
    epoch.map(|epoch| Some(Some(epoch))).ok_or_else(|| D::Error::custom(format!("not an epoch: {value}")))
}

/// Seconds since the epoch: a number, also as text.
pub fn seconds<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    let value = Json::deserialize(from)?;
    let number = match &value {
        Json::String(text) => text.trim().parse().ok(),
        Json::Bool(flag) => Some(f64::from(u8::from(*flag))),
        other => other.as_f64(),
    };
    number
        .filter(|seconds: &f64| seconds.is_finite() && Time(*seconds).in_calendar().is_ok())
        .ok_or_else(|| D::Error::custom(format!("not seconds since the epoch: {value}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(Debug, Deserialize, PartialEq)]
    struct All {
        text: Text,
        #[serde(default)]
        flag: Flag,
        #[serde(deserialize_with = "list_if_true")]
        tools: Vec<Text>,
        #[serde(deserialize_with = "list")]
        list: Vec<Text>,
        #[serde(deserialize_with = "dir")]
        dir: Option<String>,
        #[serde(default, deserialize_with = "epoch")]
        epoch: Option<Option<i64>>,
        #[serde(deserialize_with = "seconds")]
        seconds: f64,
    }

    #[test]
    fn what_python_and_the_database_take() {
        let read = |value: Json| serde_json::from_value::<All>(value);
        let all = json!({"text": 1.5, "flag": "x", "tools": ["t"], "list": ["a", 2], "dir": "d", "epoch": "3", "seconds": "4"});
        let all = read(all).unwrap();
        assert_eq!((&*all.text, all.flag.0, all.list.len(), all.tools.len()), ("1.5", true, 2, 1));
        assert_eq!((all.dir.as_deref(), all.epoch, all.seconds), (Some("d"), Some(Some(3)), 4.0));
        let least = json!({"text": true, "tools": null, "list": "", "dir": [], "seconds": true});
        let least = read(least).unwrap();
        assert_eq!((&*least.text, least.flag.0, least.dir, least.epoch), ("true", false, None, None));
        let good = json!({"text": "", "tools": 0, "list": {}, "dir": 0, "epoch": null, "seconds": 0});
        assert_eq!(read(good.clone()).unwrap().epoch, Some(None));
        for (key, bad) in [
            ("text", json!(null)),
            ("text", json!([])),
            ("list", json!("x")),
            ("list", json!(null)),
            ("tools", json!("x")),
            ("dir", json!(1)),
            ("epoch", json!("x")),
            ("seconds", json!(1u64 << 40)),
        ] {
            let mut one = good.clone();
            one[key] = bad;
            assert!(read(one.clone()).is_err(), "{one}");
        }
    }
}
