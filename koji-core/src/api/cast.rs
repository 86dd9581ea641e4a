//! Arguments that Koji converts instead of refusing: whatever Python's `int()` takes.

use super::args::{Arg, OneOrMany, expected};
use crate::db::Lookup;
use crate::wire::Value;
use crate::{Error, Result};

/// An integer, or a number or text that Python would make one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IntLike(pub i64);

impl IntLike {
    /// As the database's columns are. SQLite would store any integer, and could not be read again.
    pub fn small(self) -> Result<i32> {
        i32::try_from(self.0).map_err(|_| Error::unforeseen(format!("{} is out of range", self.0)))
    }
}

impl Arg for IntLike {
    fn take(value: Value) -> Result<Self> {
        let int = match &value {
            Value::Int(int) => Some(*int),
            Value::Bool(flag) => Some(i64::from(*flag)),
            Value::Double(number) if number.is_finite() => Some(number.trunc() as i64),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        int.map(Self).ok_or_else(|| expected("an integer", &value))
    }
    fn give(&self) -> Value {
        Value::Int(self.0)
    }
    fn schema() -> serde_json::Value {
        serde_json::json!({ "type": ["integer", "string"] })
    }
}

impl From<i64> for IntLike {
    fn from(int: i64) -> Self {
        Self(int)
    }
}

impl From<i64> for OneOrMany<IntLike> {
    fn from(int: i64) -> Self {
        Self::One(IntLike(int))
    }
}

impl From<i32> for IntLike {
    fn from(int: i32) -> Self {
        Self(int.into())
    }
}

/// The name of something to be made. What is no text is a bad name, not a bad argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameText(pub String);

impl Arg for NameText {
    fn take(value: Value) -> Result<Self> {
        match value {
            Value::String(name) => Ok(Self(name)),
            other => Err(Error::generic(format!("a name must be text, not {}", other.kind()))),
        }
    }
    fn give(&self) -> Value {
        Value::String(self.0.clone())
    }
    fn schema() -> serde_json::Value {
        serde_json::json!({ "type": "string" })
    }
}

impl From<&String> for NameText {
    fn from(name: &String) -> Self {
        Self(name.clone())
    }
}

impl From<&str> for NameText {
    fn from(name: &str) -> Self {
        Self(name.to_owned())
    }
}

impl From<String> for NameText {
    fn from(name: String) -> Self {
        Self(name)
    }
}

/// An event at which to look at the past. An id beyond all events means the present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventId(pub i32);

impl Arg for EventId {
    fn take(value: Value) -> Result<Self> {
        match value {
            Value::Int(id) => Ok(id.into()),
            Value::Bool(flag) => Ok(Self(flag.into())),
            other => Err(Error::generic(format!("Invalid event: {other:?} (give an event's id)"))),
        }
    }
    fn give(&self) -> Value {
        Value::Int(self.0.into())
    }
    fn schema() -> serde_json::Value {
        serde_json::json!({ "type": "integer", "description": "the id of an event" })
    }
}

impl From<i64> for EventId {
    fn from(id: i64) -> Self {
        Self(id.clamp(i32::MIN.into(), i32::MAX.into()) as i32)
    }
}

impl From<EventId> for i32 {
    fn from(event: EventId) -> Self {
        event.0
    }
}

/// Python's clients may say "none" with an empty text or 0.
pub(super) fn given(info: Option<Lookup>) -> Option<Lookup> {
    info.filter(|info| !matches!(info, Lookup::Id(0)) && *info != Lookup::Name(String::new()))
}

/// A span of time in seconds. A whole one is an integer on the wire, as Koji's defaults are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seconds(pub f64);

impl Arg for Seconds {
    fn take(value: Value) -> Result<Self> {
        f64::take(value).map(Self)
    }
    fn give(&self) -> Value {
        if self.0.fract() == 0.0 { Value::Int(self.0 as i64) } else { Value::Double(self.0) }
    }
    fn schema() -> serde_json::Value {
        serde_json::json!({ "type": "number" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn int_takes_what_python_takes() {
        let take = |value: Value| IntLike::take(value).map(|int| int.0).ok();
        assert_eq!(take(" 7 ".into()), Some(7));
        assert_eq!(take(1.9.into()), Some(1));
        assert_eq!(take(true.into()), Some(1));
        assert_eq!(take("7.0".into()), None);
        assert_eq!(take(Value::Nil), None);
        assert_eq!(take(f64::NAN.into()), None);
    }

    #[test]
    fn events_beyond_all_are_the_present() {
        assert_eq!(EventId::take(Value::Int(1 << 40)).unwrap().0, i32::MAX);
        assert!(EventId::take("5".into()).is_err());
    }
}
