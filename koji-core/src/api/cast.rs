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
        value.python_int().map(Self).ok_or_else(|| checked(expected("an integer", &value)))
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

/// A number that is computed with. Text of digits is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount(pub i64);

impl From<i64> for Amount {
    fn from(number: i64) -> Self {
        Self(number)
    }
}

impl Arg for Amount {
    fn take(value: Value) -> Result<Self> {
        match value {
            Value::Bool(flag) => Ok(Self(flag.into())),
            Value::String(_) => Err(expected("a number", &value)),
            other => {
                IntLike::take(other).map(|int| Self(int.0)).map_err(|error| Error::unforeseen(error.message))
            }
        }
    }
    fn give(&self) -> Value {
        Value::Int(self.0)
    }
}

/// A boolean that is checked: null is refused where a plain `bool` takes it for false.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckedBool(pub bool);

impl From<bool> for CheckedBool {
    fn from(flag: bool) -> Self {
        Self(flag)
    }
}

impl Arg for CheckedBool {
    fn take(value: Value) -> Result<Self> {
        if value.is_nil() { Err(checked(expected("a boolean", &value))) } else { bool::take(value).map(Self) }
    }
    fn give(&self) -> Value {
        Value::Bool(self.0)
    }
}

/// Something that is looked at only if Python takes it for true: 0, empty text and the like are as good as null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Truthy<T>(pub Option<T>);

impl<T> From<Option<T>> for Truthy<T> {
    fn from(value: Option<T>) -> Self {
        Self(value)
    }
}

impl From<Lookup> for Truthy<Lookup> {
    fn from(lookup: Lookup) -> Self {
        Self(Some(lookup))
    }
}

impl From<&String> for Truthy<String> {
    fn from(text: &String) -> Self {
        Self(Some(text.clone()))
    }
}

impl<T: Arg> Arg for Truthy<T> {
    fn take(value: Value) -> Result<Self> {
        value.is_true().then(|| T::take(value)).transpose().map(Self)
    }
    fn give(&self) -> Value {
        self.0.give()
    }
    fn schema() -> serde_json::Value {
        <Option<T>>::schema()
    }
}

/// An id, which is believed, or something else that names a thing, which must be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdOrKnown {
    /// An integer that came as such
    Id(i64),
    /// A name, or a struct
    Known(Lookup),
}

impl From<Lookup> for IdOrKnown {
    fn from(lookup: Lookup) -> Self {
        match lookup {
            Lookup::Id(id) => Self::Id(id),
            name => Self::Known(name),
        }
    }
}

impl From<i64> for IdOrKnown {
    fn from(id: i64) -> Self {
        Self::Id(id)
    }
}

impl From<&String> for IdOrKnown {
    fn from(name: &String) -> Self {
        Self::Known(name.into())
    }
}

impl From<&str> for IdOrKnown {
    fn from(name: &str) -> Self {
        Self::Known(name.into())
    }
}

impl Arg for IdOrKnown {
    fn take(value: Value) -> Result<Self> {
        match value {
            Value::Int(id) => Ok(Self::Id(id)),
            other => Lookup::take(other).map(Self::Known),
        }
    }
    fn give(&self) -> Value {
        match self {
            Self::Id(id) => Value::Int(*id),
            // an id in a struct is looked up, which a plain one is not
            Self::Known(Lookup::Id(id)) => Value::Struct(vec![("id".to_owned(), Value::Int(*id))]),
            Self::Known(name) => name.give(),
        }
    }
    fn schema() -> serde_json::Value {
        Lookup::schema()
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

/// A key of a table of names. What is no text but a value that Python can look for is an unknown key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyText(pub String);

impl Arg for KeyText {
    fn take(value: Value) -> Result<Self> {
        match value {
            Value::String(name) => Ok(Self(name)),
            Value::Nil | Value::Bool(_) | Value::Int(_) | Value::Double(_) => {
                Err(Error::generic(format!("there is nothing of the name {value:?}")))
            }
            other => Err(expected("a name", &other)),
        }
    }
    fn give(&self) -> Value {
        Value::String(self.0.clone())
    }
}

impl From<&str> for KeyText {
    fn from(name: &str) -> Self {
        Self(name.to_owned())
    }
}

impl From<String> for NameText {
    fn from(name: String) -> Self {
        Self(name)
    }
}

/// What Python makes a list of: of text its characters, of a struct its keys.
#[derive(Clone, Debug, PartialEq)]
pub struct Iterated(pub Vec<Value>);

impl From<Vec<Value>> for Iterated {
    fn from(items: Vec<Value>) -> Self {
        Self(items)
    }
}

impl From<Vec<IntLike>> for Iterated {
    fn from(ids: Vec<IntLike>) -> Self {
        Self(ids.into_iter().map(|id| Value::Int(id.0)).collect())
    }
}

impl Arg for Iterated {
    fn take(value: Value) -> Result<Self> {
        Ok(Self(match value {
            Value::Array(items) => items,
            Value::String(text) => text.chars().map(|char| char.to_string().into()).collect(),
            Value::Struct(members) => members.into_iter().map(|(key, _)| key.into()).collect(),
            other => return Err(expected("a list", &other)),
        }))
    }
    fn give(&self) -> Value {
        Value::Array(self.0.clone())
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

/// The error of an argument whose type Koji itself checks.
pub fn checked(error: Error) -> Error {
    Error::parameter(error.message)
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
