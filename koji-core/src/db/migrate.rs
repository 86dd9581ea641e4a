//! Makes the tables in an empty database, and tells what a database is that has some.
//!
//! An existing database of the original hub is used as it stands: nothing is created, altered or marked in it. Whatever
//! is neither empty nor complete is refused, naming what differs. No table of our own keeps the books, so that a
//! database that we made has the same catalog as one of the original: the mark is a comment on the table `events` on
//! PostgreSQL and `user_version` on SQLite.

mod compare;
#[cfg(test)]
mod tests;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use diesel::{PgConnection, QueryResult, SqliteConnection};

use super::conn::{Conn, Link};
use crate::{Error, Fault, Result};
use compare::Found;

/// The SQL that makes everything, from `xtask codegen`.
const POSTGRES: &str = include_str!("../../migrations/postgres/00000000000001_koji/up.sql");
const SQLITE: &str = include_str!("../../migrations/sqlite/00000000000001_koji/up.sql");

const MARK_POSTGRES: &str = "COMMENT ON TABLE events IS 'made by koji-rs, level 1'";
const MARK_SQLITE: &str = "PRAGMA user_version = 1";

/// One number for all processes that may start at once on an empty PostgreSQL database.
const LOCK: &str = "SELECT pg_advisory_xact_lock(hashtext('koji-rs schema'))";

/// What a database is. Whatever fits none of these is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// There is no table at all.
    Empty,
    /// We made the tables.
    Ours,
    /// The original made the tables, at a schema level from 1.35 on.
    Koji,
}

/// Makes the tables if the database is empty; answers what it was before. No transaction may be open.
///
/// # Errors
///
/// [`Fault::Configuration`] if the tables are not those of Koji 1.35 or later; the message names what differs.
pub fn migrate(conn: &mut Conn) -> Result<Level> {
    match &mut conn.link {
        Link::Sqlite(conn) => migrate_sqlite(conn),
        Link::Pg(conn) => migrate_postgres(conn),
    }
}

/// The tables must be there; how to make them is told if they are not.
///
/// # Errors
///
/// As [`migrate`], and if the database is empty.
pub fn require(conn: &mut Conn) -> Result<Level> {
    match level(conn)? {
        Level::Empty => Err(Error::new(
            Fault::Configuration,
            "the database is empty: make its tables with `koji-hubd init`",
        )),
        there => Ok(there),
    }
}

/// What a database is. Only reads.
///
/// # Errors
///
/// As [`migrate`].
pub fn level(conn: &mut Conn) -> Result<Level> {
    match &mut conn.link {
        Link::Sqlite(conn) => level_sqlite(conn),
        Link::Pg(conn) => level_postgres(conn),
    }
}

fn migrate_postgres(conn: &mut PgConnection) -> Result<Level> {
    conn.transaction(|conn| {
        conn.batch_execute(LOCK).map_err(Failure::from)?;
        let level = level_postgres(conn)?;
        if level == Level::Empty {
            conn.batch_execute(POSTGRES)?;
            conn.batch_execute(MARK_POSTGRES)?;
        }
        Ok(level)
    })
    .map_err(|Failure(error)| error)
}

fn migrate_sqlite(conn: &mut SqliteConnection) -> Result<Level> {
    conn.immediate_transaction(|conn| {
        let level = level_sqlite(conn)?;
        if level == Level::Empty {
            conn.batch_execute(SQLITE)?;
            conn.batch_execute(MARK_SQLITE)?;
        }
        Ok(level)
    })
    .map_err(|Failure(error)| error)
}

fn level_postgres(conn: &mut PgConnection) -> Result<Level> {
    let found = columns_postgres(conn).map_err(broken)?;
    let mark = "SELECT obj_description(to_regclass('events'), 'pg_class') LIKE 'made by koji-rs%' AS ours";
    let ours = diesel::sql_query(mark).get_result::<Marked>(conn).map_err(broken)?.ours;
    judge(&found, koji_schema::Kind::on_postgres, ours == Some(true))
}

/// There is no [`Level::Koji`] here: the original knows PostgreSQL only.
fn level_sqlite(conn: &mut SqliteConnection) -> Result<Level> {
    let found = columns_sqlite(conn).map_err(broken)?;
    let version = "SELECT user_version AS number FROM pragma_user_version";
    let version = diesel::sql_query(version).get_result::<Version>(conn).map_err(broken)?.number;
    if !found.is_empty() && version != 1 {
        return Err(refuse(&format!(
            "its user_version is {version}, not 1, so this program did not make its tables"
        )));
    }
    judge(&found, |kind| kind.on_sqlite().to_owned(), true)
}

#[derive(QueryableByName)]
struct Marked {
    #[diesel(sql_type = Nullable<Bool>)]
    ours: Option<bool>,
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// A row of either catalog.
#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = BigInt)]
    nullable: i64,
    #[diesel(sql_type = Nullable<Text>)]
    default_value: Option<String>,
}

impl From<Row> for Found {
    fn from(row: Row) -> Self {
        let default = row.default_value;
        Self {
            table: row.table_name,
            column: row.column_name,
            kind: row.kind,
            nullable: row.nullable != 0,
            default,
        }
    }
}

fn columns_postgres(conn: &mut PgConnection) -> QueryResult<Vec<Found>> {
    let sql = "SELECT c.table_name::text AS table_name, c.column_name::text AS column_name, \
                      c.data_type || coalesce('(' || c.character_maximum_length || ')', '') AS kind, \
                      CASE c.is_nullable WHEN 'YES' THEN 1::bigint ELSE 0::bigint END AS nullable, \
                      c.column_default::text AS default_value \
               FROM information_schema.columns c \
               JOIN information_schema.tables t USING (table_schema, table_name) \
               WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' \
               ORDER BY c.table_name, c.ordinal_position";
    Ok(diesel::sql_query(sql).load::<Row>(conn)?.into_iter().map(Found::from).collect())
}

fn columns_sqlite(conn: &mut SqliteConnection) -> QueryResult<Vec<Found>> {
    let sql = "SELECT m.name AS table_name, p.name AS column_name, p.type AS kind, \
                      1 - p.\"notnull\" AS nullable, p.dflt_value AS default_value \
               FROM sqlite_master m JOIN pragma_table_info(m.name) p \
               WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
               ORDER BY m.name, p.cid";
    Ok(diesel::sql_query(sql).load::<Row>(conn)?.into_iter().map(Found::from).collect())
}

fn judge(found: &[Found], name: impl Fn(koji_schema::Kind) -> String, ours: bool) -> Result<Level> {
    if found.is_empty() {
        return Ok(Level::Empty);
    }
    let differences = compare::differences(found, name);
    match (differences.is_empty(), ours) {
        (true, true) => Ok(Level::Ours),
        (true, false) => Ok(Level::Koji),
        (false, _) => {
            let (like, told) = (compare::release(found), compare::tell(&differences));
            Err(refuse(&format!("its tables look {like} ({told})")))
        }
    }
}

fn refuse(why: &str) -> Error {
    let remedy =
        "Give an empty database, or one that Koji's own upgrade scripts have brought to level 1.35 or later";
    Error::new(
        Fault::Configuration,
        format!("this database is no Koji database of a level that is supported: {why}. {remedy}"),
    )
}

fn broken(error: diesel::result::Error) -> Error {
    Error::unforeseen(format!("the database's tables cannot be read or made: {error}")).caused_by(error)
}

/// An error on its way out of a transaction, where Diesel wants to add its own.
struct Failure(Error);

impl From<diesel::result::Error> for Failure {
    fn from(error: diesel::result::Error) -> Self {
        Self(broken(error))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error)
    }
}
