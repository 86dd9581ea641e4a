//! What a request says about itself: named values, as Koji's callers give them to policies.

use crate::wire::{Map, Value};

/// A request's values by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Data(Map);

impl Data {
    /// The values of a struct.
    pub fn new(values: Map) -> Self {
        Self(values)
    }

    /// Adds a value, or replaces the one of this name.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.0.retain(|(known, _)| known != name);
        self.0.push((name.into(), value));
        self
    }

    /// A value, which may be nil.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// A value that is there and not nil.
    pub fn given(&self, name: &str) -> Option<&Value> {
        self.get(name).filter(|value| !value.is_nil())
    }
}

/// How a scalar is written where a pattern is to match it, as Python writes it.
pub(super) fn text(value: &Value) -> Option<String> {
    Some(match value {
        Value::String(text) | Value::DateTime(text) => text.clone(),
        Value::Int(number) => number.to_string(),
        // with a point, also where there is nothing behind it
        Value::Double(number) => format!("{number:?}"),
        Value::Bool(true) => "True".into(),
        Value::Bool(false) => "False".into(),
        Value::Nil | Value::Bytes(_) | Value::Array(_) | Value::Struct(_) => return None,
    })
}
