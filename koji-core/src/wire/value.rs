//! [`Value`]: whatever a client may send. Answers do not pass through it.

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
