//! [`Value`]: whatever a client may send. Answers do not pass through it.

use std::collections::HashMap;

/// The members of a struct, in the order they came; a later duplicate replaces an earlier one.
pub type Map = Vec<(String, Value)>;

/// A value of the wire.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// `<nil/>`
    #[default]
    Nil,
    /// `<boolean>`
    Bool(bool),
    /// `<int>`, `<i4>`, `<i8>` and their like
    Int(i64),
    /// `<double>`
    Double(f64),
    /// `<string>`
    String(String),
    /// `<base64>`
    Bytes(Vec<u8>),
    /// `<dateTime.iso8601>`, as its text
    DateTime(String),
    /// `<array>`
    Array(Vec<Value>),
    /// `<struct>`
    Struct(Map),
}

impl Value {
    /// The name that callers know the type by, who write Python: `int`, `str`, `dict`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Nil => "NoneType",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Double(_) => "float",
            Self::String(_) => "str",
            Self::Bytes(_) => "bytes",
            Self::DateTime(_) => "DateTime",
            Self::Array(_) => "list",
            Self::Struct(_) => "dict",
        }
    }

    /// Is it `<nil/>`?
    pub fn is_nil(&self) -> bool {
        matches!(self, Self::Nil)
    }

    /// Would Python take it for true? Zero and whatever is empty are false.
    pub fn is_true(&self) -> bool {
        match self {
            Self::Nil => false,
            Self::Bool(value) => *value,
            Self::Int(value) => *value != 0,
            Self::Double(value) => *value != 0.0,
            Self::String(value) => !value.is_empty(),
            Self::Bytes(value) => !value.is_empty(),
            Self::DateTime(_) => true,
            Self::Array(items) => !items.is_empty(),
            Self::Struct(members) => !members.is_empty(),
        }
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(value) = self { Some(*value) } else { None }
    }

    /// The integer, if it is one.
    pub fn as_int(&self) -> Option<i64> {
        if let Self::Int(value) = self { Some(*value) } else { None }
    }

    /// The number, if it is one, whole or not.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Double(value) => Some(*value),
            Self::Int(value) => Some(*value as f64),
            _ => None,
        }
    }

    /// The text, if it is a string.
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(value) = self { Some(value) } else { None }
    }

    /// The bytes, if it is `<base64>`.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        if let Self::Bytes(value) = self { Some(value) } else { None }
    }

    /// The items, if it is an array.
    pub fn as_array(&self) -> Option<&[Value]> {
        if let Self::Array(items) = self { Some(items) } else { None }
    }

    /// The members, if it is a struct.
    pub fn as_struct(&self) -> Option<&[(String, Value)]> {
        if let Self::Struct(members) = self { Some(members) } else { None }
    }

    /// The member of a struct by its name; looks at one after the other.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.as_struct()?.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Self::Int(value.into())
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Double(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::String(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::String(value)
    }
}

impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Self {
        Self::Array(items)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Nil, Into::into)
    }
}

/// Below this many members comparing each with each is faster than a table, and still bounded.
const FEW: usize = 24;

/// Lets a later member replace an earlier one of the same name, at the earlier one's place, as Python's
/// `dict` does. Linear in the number of members, whatever their names.
pub(super) fn without_duplicates(members: Map) -> Map {
    if members.len() <= FEW {
        let doubled = |at: usize| members[..at].iter().any(|(key, _)| *key == members[at].0);
        if !(1..members.len()).any(doubled) {
            return members;
        }
    }
    let mut places: HashMap<&str, usize> = HashMap::with_capacity(members.len());
    let mut next = 0;
    let order: Vec<usize> = members
        .iter()
        .map(|(key, _)| {
            *places.entry(key).or_insert_with(|| {
                next += 1;
                next - 1
            })
        })
        .collect();
    if next == members.len() {
        return members;
    }
    let mut kept: Map = Vec::with_capacity(next);
    for ((key, value), place) in members.into_iter().zip(order) {
        match kept.get_mut(place) {
            Some(earlier) => earlier.1 = value,
            None => kept.push((key, value)),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_duplicates_replace_earlier_ones() {
        let pair = |key: &str, value: i64| (key.to_owned(), Value::Int(value));
        assert_eq!(
            without_duplicates(vec![pair("a", 1), pair("b", 2), pair("a", 3)]),
            vec![pair("a", 3), pair("b", 2)]
        );
        let many: Map = (0..1000).map(|n| pair(&(n % 500).to_string(), n)).collect();
        let kept = without_duplicates(many);
        assert_eq!(kept.len(), 500);
        assert_eq!(kept[7], pair("7", 507));
    }

    #[test]
    fn truth_is_pythons() {
        assert!(!Value::from("").is_true());
        assert!(Value::from(2).is_true());
        assert!(!Value::Struct(Map::new()).is_true());
    }
}
