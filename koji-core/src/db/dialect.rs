//! Every difference between SQLite and PostgreSQL.

use super::bind::Bind;
use crate::{Error, Result};

/// Which database a connection speaks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite, embedded
    Sqlite,
    /// PostgreSQL
    Pg,
}

/// The text before a value (`piece`, less what a set replaces), and what stands around the value itself.
pub(super) fn around<'a>(
    dialect: Dialect,
    piece: &'a str,
    bind: &Bind,
) -> (&'a str, &'static str, &'static str) {
    match (dialect, bind) {
        (_, Bind::Null) => (piece, "NULL", ""),
        (Dialect::Pg, Bind::Time(_)) => (piece, "to_timestamp(", ")"),
        (Dialect::Pg, Bind::Json(_)) => (piece, "CAST(", " AS jsonb)"),
        (Dialect::Sqlite, Bind::Ids(_) | Bind::Ints(_) | Bind::Texts(_)) => {
            (piece, "(SELECT value FROM json_each(", "))")
        }
        (Dialect::Pg, Bind::Ids(_) | Bind::Ints(_) | Bind::Texts(_)) => pg_set(piece),
        _ => (piece, "", ""),
    }
}

/// PostgreSQL plans `= ANY(array)` with an index.
fn pg_set(piece: &str) -> (&str, &'static str, &'static str) {
    if let Some(rest) = piece.strip_suffix("NOT IN ") {
        (rest, "<> ALL(", ")")
    } else if let Some(rest) = piece.strip_suffix("IN ") {
        (rest, "= ANY(", ")")
    } else {
        (piece, "(", ")")
    }
}

impl Dialect {
    /// How a write transaction begins: SQLite takes its one writer's place at once.
    pub fn begin_write(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Pg => "BEGIN",
        }
    }

    /// How a read transaction begins. PostgreSQL needs none: in the isolation that Koji runs at, each statement sees
    /// what is committed when it begins, in a transaction or not.
    pub fn begin_read(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => Some("BEGIN"),
            Self::Pg => None,
        }
    }

    /// The row lock of a select; SQLite's writer is alone already.
    pub fn for_update(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Pg => " FOR UPDATE",
        }
    }

    /// The same, without rows that somebody else has locked.
    pub fn for_update_or_skip(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Pg => " FOR UPDATE SKIP LOCKED",
        }
    }

    /// Statements that take as many new ids of a table as the value says; the last answers them.
    pub(super) fn take_ids(self, table: &str) -> Vec<String> {
        match self {
            Self::Pg => vec![format!(
                "SELECT nextval(pg_get_serial_sequence('{table}', 'id')) FROM generate_series(1, ?)"
            )],
            Self::Sqlite => vec![
                // a table that never had a row has no line there
                format!(
                    "INSERT INTO sqlite_sequence (name, seq) SELECT '{table}', 0 WHERE ? > 0 AND NOT EXISTS \
                     (SELECT 1 FROM sqlite_sequence WHERE name = '{table}')"
                ),
                format!("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = '{table}'"),
                format!(
                    "WITH RECURSIVE taken(id) AS (SELECT seq FROM sqlite_sequence WHERE name = '{table}' \
                     UNION ALL SELECT id - 1 FROM taken LIMIT ?) SELECT id FROM taken ORDER BY id"
                ),
            ],
        }
    }

    /// Sorts as PostgreSQL does by default: nulls are larger than anything.
    pub fn order(self, expression: &str, descending: bool) -> String {
        match (self, descending) {
            (Self::Pg, false) => expression.to_owned(),
            (Self::Pg, true) => format!("{expression} DESC"),
            (Self::Sqlite, false) => format!("{expression} NULLS LAST"),
            (Self::Sqlite, true) => format!("{expression} DESC NULLS FIRST"),
        }
    }

    /// The condition that one JSON value holds another: all members of objects, some items of lists.
    pub fn json_contains(self, whole: &str, part: &str) -> String {
        match self {
            Self::Pg => format!("{whole} @> {part}"),
            Self::Sqlite => format!("json_contains({whole}, {part})"),
        }
    }

    /// A regular expression that matches whole words.
    pub fn whole_words(self, pattern: &str) -> String {
        match self {
            Self::Pg => format!(r"\m({pattern})\M"),
            Self::Sqlite => format!(r"\b{{start}}({pattern})\b{{end}}"),
        }
    }

    /// Refuses what is no regular expression on this side; PostgreSQL judges by itself, see [`super::Conn`].
    pub(super) fn check_regexp(self, pattern: &str) -> Result<()> {
        match self {
            Self::Pg => Ok(()),
            Self::Sqlite => regex::Regex::new(pattern).map(drop).map_err(|source| {
                Error::unforeseen(format!("not a regular expression: {pattern:?}")).caused_by(source)
            }),
        }
    }

    /// The condition that a text matches a regular expression (one `?`), whatever its case when `fold`.
    pub fn regexp(self, expression: &str, fold: bool) -> String {
        match (self, fold) {
            (Self::Pg, false) => format!("{expression} ~ ?"),
            (Self::Pg, true) => format!("{expression} ~* ?"),
            (Self::Sqlite, false) => format!("regexp(?, {expression})"),
            // The characters are those of the flag (?i), whose question mark would be taken for a value's place.
            (Self::Sqlite, true) => format!("regexp(char(40, 63, 105, 41) || ?, {expression})"),
        }
    }
}

/// A glob of Koji's clients (`*`, `?`) as a pattern of SQL's LIKE, in which `_` and `\` are literal. Koji leaves `%`
/// as it is.
pub fn glob_to_like(glob: &str) -> String {
    let mut like = String::with_capacity(glob.len() + 4);
    for c in glob.chars() {
        match c {
            '\\' | '_' => {
                like.push('\\');
                like.push(c);
            }
            '*' => like.push('%'),
            '?' => like.push('_'),
            _ => like.push(c),
        }
    }
    like
}
