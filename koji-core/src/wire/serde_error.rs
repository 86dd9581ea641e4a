//! The library's error as serde's: what serde refuses is a wrong parameter, told in Python's words.

use std::fmt::Display;

use serde::de::{self, Expected, Unexpected};
use serde::ser;

use crate::Error;

impl de::Error for Error {
    fn custom<T: Display>(message: T) -> Self {
        Self::parameter(message.to_string())
    }

    fn invalid_type(came: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::parameter(format!("expected {expected}, got {}", told(&came)))
    }

    fn invalid_value(came: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::parameter(format!("expected {expected}, got {}", told(&came)))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::parameter(format!("'{field}' is missing"))
    }

    fn unknown_field(field: &str, known: &'static [&'static str]) -> Self {
        Self::parameter(format!("'{field}' is unknown, known are: {}", known.join(", ")))
    }

    fn unknown_variant(variant: &str, known: &'static [&'static str]) -> Self {
        Self::parameter(format!("'{variant}' is none of: {}", known.join(", ")))
    }
}

impl ser::Error for Error {
    fn custom<T: Display>(message: T) -> Self {
        Self::generic(format!("cannot be sent: {message}"))
    }
}

/// What came, by Python's name of its type.
fn told(came: &Unexpected<'_>) -> String {
    match came {
        Unexpected::Bool(value) => format!("bool {}", if *value { "True" } else { "False" }),
        Unexpected::Signed(value) => format!("int {value}"),
        Unexpected::Unsigned(value) => format!("int {value}"),
        Unexpected::Float(value) => format!("float {value}"),
        Unexpected::Str(value) => format!("str '{}'", shortened(value)),
        Unexpected::Bytes(_) => "bytes".to_owned(),
        Unexpected::Unit | Unexpected::Option => "NoneType".to_owned(),
        Unexpected::Seq => "list".to_owned(),
        Unexpected::Map => "dict".to_owned(),
        other => other.to_string(),
    }
}

/// At most 60 characters: a message is no place for a whole upload.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}
