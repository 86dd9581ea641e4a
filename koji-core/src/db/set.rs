//! [`Set`]: the values of an `IN ?`. One bind whatever their number, so that a statement is prepared once.

use diesel::pg::Pg;
use diesel::serialize::{IsNull, Output, Result, ToSql};
use diesel::sql_types::{Array, Text};
use diesel::sqlite::Sqlite;

/// Values to look for: an array for PostgreSQL, JSON for SQLite.
#[derive(Clone, Debug, PartialEq)]
pub struct Set<T>(pub Vec<T>);

impl<T, S: 'static> ToSql<Array<S>, Pg> for Set<T>
where
    T: std::fmt::Debug,
    [T]: ToSql<Array<S>, Pg>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> Result {
        self.0.as_slice().to_sql(out)
    }
}

impl<T: serde::Serialize + std::fmt::Debug> ToSql<Text, Sqlite> for Set<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> Result {
        out.set_value(serde_json::to_string(&self.0)?);
        Ok(IsNull::No)
    }
}
