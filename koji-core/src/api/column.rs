//! Arguments that Koji hands to the database as they come, which casts some and refuses others.

use super::args::{Arg, expected};
use crate::Result;
use crate::wire::Value;

/// Text that is compared with a column: numbers and booleans become text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnText(pub String);

impl From<&str> for ColumnText {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for ColumnText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl Arg for ColumnText {
    fn take(value: Value) -> Result<Self> {
        value.column_text().map(Self).ok_or_else(|| expected("a string", &value))
    }
    fn give(&self) -> Value {
        Value::String(self.0.clone())
    }
    fn schema() -> serde_json::Value {
        String::schema()
    }
}

/// A flag that goes into a column as it comes: text may be a boolean's name, numbers and null are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColumnBool(pub bool);

impl From<bool> for ColumnBool {
    fn from(flag: bool) -> Self {
        Self(flag)
    }
}

impl Arg for ColumnBool {
    fn take(value: Value) -> Result<Self> {
        value.column_bool().map(Self).ok_or_else(|| expected("a boolean", &value))
    }
    fn give(&self) -> Value {
        Value::Bool(self.0)
    }
    fn schema() -> serde_json::Value {
        bool::schema()
    }
}

/// The integer that the database would make of a value beside an integer column.
pub(super) fn column_int(value: &Value) -> Option<i64> {
    match value {
        Value::Int(int) => Some(*int),
        Value::Double(number) if number.fract() == 0.0 => Some(*number as i64),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}
