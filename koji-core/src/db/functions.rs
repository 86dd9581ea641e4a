//! The functions that SQLite is taught, so that one statement serves both databases.

use diesel::SqliteConnection;
use std::sync::Mutex;

use diesel::sql_types::{Nullable, Text};
use serde_json::Value;

use crate::{Error, Result};

#[diesel::declare_sql_function]
extern "SQL" {
    /// Whether `text` matches `pattern`, anywhere.
    fn regexp(pattern: Text, text: Text) -> diesel::sql_types::Bool;
}

#[diesel::declare_sql_function]
extern "SQL" {
    /// Whether one JSON value holds another, as PostgreSQL's `@>` has it.
    fn json_contains(whole: Nullable<Text>, part: Nullable<Text>) -> diesel::sql_types::Bool;
}

/// Registers them on a connection.
pub(super) fn register(conn: &mut SqliteConnection) -> Result<()> {
    // The pattern of a statement is compiled once, not for each of its rows.
    let last: Mutex<Option<(String, Option<regex::Regex>)>> = Mutex::new(None);
    regexp_utils::register_impl(conn, move |pattern: String, text: String| {
        let Ok(mut last) = last.lock() else { return false };
        if last.as_ref().is_none_or(|(known, _)| *known != pattern) {
            let compiled = regex::Regex::new(&pattern).ok();
            *last = Some((pattern, compiled));
        }
        last.as_ref().and_then(|(_, regex)| regex.as_ref()).is_some_and(|regex| regex.is_match(&text))
    })
    .map_err(failed)?;
    json_contains_utils::register_impl(conn, |whole: Option<String>, part: Option<String>| {
        let parse = |text: Option<String>| serde_json::from_str::<Value>(&text?).ok();
        parse(whole).zip(parse(part)).is_some_and(|(whole, part)| holds(&whole, &part))
    })
    .map_err(failed)
}

fn failed(source: diesel::result::Error) -> Error {
    Error::unforeseen("cannot teach SQLite its functions").caused_by(source)
}

fn holds(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            part.iter().all(|(key, value)| whole.get(key).is_some_and(|known| holds(known, value)))
        }
        (Value::Array(whole), Value::Array(part)) => {
            part.iter().all(|value| whole.iter().any(|known| holds(known, value)))
        }
        _ => whole == part,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_holds_what_is_part_of_it() {
        assert!(holds(&json!({"a": 1, "b": {"c": true}}), &json!({"b": {}})));
        assert!(holds(&json!([1, [2, 3]]), &json!([[3], 1])));
        assert!(!holds(&json!({"a": 1}), &json!({"a": 2})));
        assert!(!holds(&json!({}), &json!({"a": 1})));
    }
}
