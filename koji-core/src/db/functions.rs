//! The functions that SQLite is taught, so that one statement serves both databases.

use diesel::SqliteConnection;
use std::sync::Mutex;

use diesel::sql_types::Text;

use crate::{Error, Result};

#[diesel::declare_sql_function]
extern "SQL" {
    /// Whether `text` matches `pattern`, anywhere.
    fn regexp(pattern: Text, text: Text) -> diesel::sql_types::Bool;
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
    .map_err(|source| Error::unforeseen("cannot teach SQLite its functions").caused_by(source))
}
