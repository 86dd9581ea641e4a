//! The `key=value` options of tags.

use koji_core::wire::{self, Map, Value};

use crate::stop::Stop;

/// Reads `key=value` options; values that look like numbers, truth values or, if asked for, JSON are
/// taken as such.
pub fn parse(options: &[String], json: bool) -> Result<Map, Stop> {
    let mut extra: Map = vec![];
    for option in options {
        let (key, value) = option
            .split_once('=')
            .ok_or_else(|| Stop::usage(format!("--extra wants key=value, not {option:?}")))?;
        if json && extra.iter().any(|(known, _)| known == key) {
            return Err(Stop::usage(format!("Duplicate extra key: {key}")));
        }
        extra.retain(|(known, _)| known != key);
        extra.push((key.to_owned(), filter(value, json)));
    }
    Ok(extra)
}

/// What a word on the command line means: a number, a truth value, nothing, or itself.
pub fn filter(text: &str, json: bool) -> Value {
    if let Ok(number) = text.trim().replace('_', "").parse() {
        return Value::Int(number);
    }
    if let Ok(number) = text.trim().parse() {
        return Value::Double(number);
    }
    match text {
        "None" => Value::Nil,
        "True" => Value::Bool(true),
        "False" => Value::Bool(false),
        _ if json => wire::json::parse(text.as_bytes()).unwrap_or_else(|_| Value::String(text.to_owned())),
        _ => Value::String(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_what_they_look_like() {
        assert_eq!(filter("42", false), Value::Int(42));
        assert_eq!(filter("1.5", false), Value::Double(1.5));
        assert_eq!(filter("None", false), Value::Nil);
        assert_eq!(filter("[1]", false), Value::String("[1]".into()));
        assert_eq!(filter("[1]", true), Value::Array(vec![Value::Int(1)]));
    }

    #[test]
    fn keys_come_once() {
        let twice = ["a=1".to_owned(), "a=2".to_owned()];
        assert!(parse(&twice, true).is_err());
        assert_eq!(parse(&twice, false).unwrap(), vec![("a".to_owned(), Value::Int(2))]);
        assert!(parse(&["a".to_owned()], true).is_err());
    }
}
