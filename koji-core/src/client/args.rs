//! Arguments and members of values: the small grammar that every caller by name needs.

use crate::wire::{Map, Value};

/// The parameters of a call: keyword arguments travel as a last struct that is marked.
pub fn arguments(mut args: Vec<Value>, mut kwargs: Map) -> Vec<Value> {
    if !kwargs.is_empty() {
        kwargs.push(("__starstar".into(), Value::Bool(true)));
        args.push(Value::Struct(kwargs));
    }
    args
}

/// A member of a struct; absent members and other values are nil.
pub fn field<'a>(value: &'a Value, name: &str) -> &'a Value {
    const NIL: &Value = &Value::Nil;
    match value {
        Value::Struct(map) => member(map, name).unwrap_or(NIL),
        _ => NIL,
    }
}

/// A member of a map.
pub fn member<'a>(map: &'a Map, name: &str) -> Option<&'a Value> {
    map.iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

/// An element of an array; what is not there is nil.
pub fn item(value: &Value, index: usize) -> &Value {
    const NIL: &Value = &Value::Nil;
    match value {
        Value::Array(values) => values.get(index).unwrap_or(NIL),
        _ => NIL,
    }
}

/// Reading a value as what it should be.
pub trait AsText {
    /// The text of a string.
    fn text(&self) -> Option<&str>;
    /// The number of an integer.
    fn int(&self) -> Option<i64>;
    /// The number of a double or an integer.
    fn number(&self) -> Option<f64>;
    /// Whether Python would call it true.
    fn truthy(&self) -> bool;
    /// Whether it is nil.
    fn is_nil(&self) -> bool;
    /// The elements of an array; none otherwise.
    fn items(&self) -> &[Value];
}

impl AsText for Value {
    fn text(&self) -> Option<&str> {
        match self {
            Value::String(text) | Value::DateTime(text) => Some(text),
            _ => None,
        }
    }

    fn int(&self) -> Option<i64> {
        match self {
            Value::Int(number) => Some(*number),
            Value::Bool(flag) => Some(i64::from(*flag)),
            _ => None,
        }
    }

    fn number(&self) -> Option<f64> {
        match self {
            Value::Double(number) => Some(*number),
            Value::Int(number) => Some(*number as f64),
            _ => None,
        }
    }

    fn truthy(&self) -> bool {
        match self {
            Value::Nil => false,
            Value::Bool(flag) => *flag,
            Value::Int(number) => *number != 0,
            Value::Double(number) => *number != 0.0,
            Value::String(text) | Value::DateTime(text) => !text.is_empty(),
            Value::Bytes(bytes) => !bytes.is_empty(),
            Value::Array(values) => !values.is_empty(),
            Value::Struct(map) => !map.is_empty(),
        }
    }

    fn is_nil(&self) -> bool {
        matches!(self, Value::Nil)
    }

    fn items(&self) -> &[Value] {
        match self {
            Value::Array(values) => values,
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keyword_arguments_are_marked() {
        let params = arguments(vec![Value::Int(1)], vec![("strict".into(), Value::Bool(true))]);
        assert_eq!(params.len(), 2);
        assert_eq!(field(&params[1], "__starstar"), &Value::Bool(true));
        assert_eq!(field(&params[1], "strict"), &Value::Bool(true));
        assert_eq!(arguments(vec![], vec![]), vec![]);
    }

    #[test]
    fn what_is_absent_is_nil() {
        assert!(field(&Value::Int(1), "name").is_nil());
        assert!(item(&Value::Array(vec![]), 3).is_nil());
    }
}
