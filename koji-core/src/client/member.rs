//! Members and items of answers, where an absent one is nil.

use crate::wire::Value;

/// A member of a struct; absent members and other values are nil.
pub fn field<'a>(value: &'a Value, name: &str) -> &'a Value {
    const NIL: &Value = &Value::Nil;
    value.get(name).unwrap_or(NIL)
}

/// An element of an array; what is not there is nil.
pub fn item(value: &Value, index: usize) -> &Value {
    const NIL: &Value = &Value::Nil;
    value.as_array().and_then(|items| items.get(index)).unwrap_or(NIL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_absent_is_nil() {
        assert!(field(&Value::Int(1), "name").is_nil());
        assert!(item(&Value::Array(vec![]), 3).is_nil());
    }
}
