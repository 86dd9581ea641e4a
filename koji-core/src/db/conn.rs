//! [`Conn`]: one connection to either database, and the only place where statements run.

use diesel::connection::{Connection, DefaultLoadingMode, LoadConnection, SimpleConnection};
use diesel::pg::PgRowByRowLoadingMode;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel::{PgConnection, QueryResult, SqliteConnection};

use super::bind::Statement;
use super::cells::{Cells, PgCells, SqliteCells};
use super::dialect::Dialect;
use super::file_id::FileId;
use super::record::Recorder;
use super::row::Row;
use crate::{Error, Result};

/// A connection to SQLite or PostgreSQL.
pub struct Conn {
    pub(super) link: Link,
    /// Whether a transaction could be neither ended nor undone: such a connection is thrown away.
    pub(super) broken: bool,
    /// What is changed, while somebody wants to know.
    pub(super) recorder: Option<Recorder>,
    file: Option<FileId>,
    reopen: Option<Reopen>,
}

/// Opens another connection in the place of one whose server went away.
pub(super) type Reopen = Box<dyn Fn() -> Result<Link> + Send>;

/// The driver behind a connection.
pub(super) enum Link {
    Sqlite(Box<SqliteConnection>),
    Pg(Box<PgConnection>),
}

impl Conn {
    pub(super) fn new(link: Link, file: Option<FileId>) -> Self {
        Self { link, broken: false, recorder: None, file, reopen: None }
    }

    /// A connection that only reads and is never in a transaction: a statement that found the server gone is run again
    /// on another one.
    pub(super) fn reading(open: Reopen) -> Result<Self> {
        let link = open()?;
        Ok(Self { reopen: Some(open), ..Self::new(link, None) })
    }

    /// Whether the database's path leads to another file by now.
    pub(super) fn is_replaced(&self) -> bool {
        self.file.as_ref().is_some_and(FileId::is_replaced)
    }

    /// Which database it is.
    pub fn dialect(&self) -> Dialect {
        match self.link {
            Link::Sqlite(_) => Dialect::Sqlite,
            Link::Pg(_) => Dialect::Pg,
        }
    }

    /// Runs a statement and hands out its rows one by one.
    pub fn each<T: Row>(
        &mut self,
        statement: &Statement,
        mut take: impl FnMut(T) -> Result<()>,
    ) -> Result<()> {
        self.each_cells(statement, |mut cells| take(T::read(&mut cells)?))
    }

    /// The same for rows whose columns are known only when it runs: hands out the cells of each.
    pub fn each_cells(
        &mut self,
        statement: &Statement,
        mut take: impl FnMut(&mut dyn Cells) -> Result<()>,
    ) -> Result<()> {
        tell(&statement.sql);
        match self.link.each(statement, &mut take) {
            Err(Failed::ToBegin(error)) if self.is_reopened(&error) => self.link.each(statement, &mut take),
            done => done,
        }
        .map_err(Error::from)
    }

    /// Whether the server was gone and another connection is there now.
    fn is_reopened(&mut self, error: &DieselError) -> bool {
        use DatabaseErrorKind::{ClosedConnection, UnableToSendCommand};
        let is_gone = matches!(error, DieselError::DatabaseError(ClosedConnection | UnableToSendCommand, _));
        let Some(reopen) = self.reopen.as_ref().filter(|_| is_gone) else { return false };
        tracing::info!(%error, "a connection to the database is given up for another");
        match reopen() {
            Ok(link) => self.link = link,
            Err(error) => {
                self.broken = true;
                tracing::warn!(%error, "there is no other connection to the database");
            }
        }
        !self.broken
    }

    /// All rows of a statement.
    pub fn load<T: Row>(&mut self, statement: &Statement) -> Result<Vec<T>> {
        let mut rows = Vec::new();
        self.each(statement, |row| {
            rows.push(row);
            Ok(())
        })?;
        Ok(rows)
    }

    /// The first row of a statement, if there is one.
    pub fn first<T: Row>(&mut self, statement: &Statement) -> Result<Option<T>> {
        Ok(self.load(statement)?.into_iter().next())
    }

    /// Refuses what is no regular expression in the syntax of the database, even if there is nothing to match.
    pub fn check_regexp(&mut self, pattern: &str) -> Result<()> {
        self.dialect().check_regexp(pattern)?;
        let matched = self.dialect().regexp("''", false);
        self.first::<i64>(&Statement::new(format!("SELECT 1 WHERE {matched}"), pattern)).map(drop)
    }

    /// Runs a statement that gives no rows; the number of rows it touched.
    pub fn execute(&mut self, statement: &Statement) -> Result<usize> {
        tell(&statement.sql);
        match &mut self.link {
            Link::Sqlite(conn) => conn.execute_returning_count(statement),
            Link::Pg(conn) => conn.execute_returning_count(statement),
        }
        .map_err(failed)
    }

    /// Runs text without values: transaction control, schema files.
    pub fn batch(&mut self, sql: &str) -> Result<()> {
        tell(sql);
        match &mut self.link {
            Link::Sqlite(conn) => conn.batch_execute(sql),
            Link::Pg(conn) => conn.batch_execute(sql),
        }
        .map_err(failed)
    }

    /// Records what is changed from now on, until [`Conn::recorded`] or the end of the transaction.
    pub fn record(&mut self) {
        self.recorder = Some(Recorder::default());
    }

    /// What was changed since the recording began; it ends.
    pub fn recorded(&mut self) -> Recorder {
        self.recorder.take().unwrap_or_default()
    }

    /// The recorder, while there is one.
    pub fn recording(&mut self) -> Option<&mut Recorder> {
        self.recorder.as_mut()
    }

    /// Runs `work` in a savepoint of the open transaction: a failure undoes it and nothing else.
    pub fn savepoint<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.batch("SAVEPOINT entry")?;
        let mark = self.recorder.as_ref().map(Recorder::mark);
        let done = work(self);
        if done.is_err() {
            if let (Some(recorder), Some(mark)) = (&mut self.recorder, mark) {
                recorder.forget(mark);
            }
            self.undo("ROLLBACK TO SAVEPOINT entry");
        }
        self.batch("RELEASE SAVEPOINT entry")?;
        done
    }

    /// Whether it is in no transaction: each statement stands for itself.
    pub fn is_plain(&self) -> bool {
        self.reopen.is_some()
    }

    /// Whether a statement that fails leaves the reading ones after it as they would be. In a transaction of PostgreSQL
    /// it takes a savepoint for that.
    pub fn outlives_failed_reads(&self) -> bool {
        self.is_plain() || self.dialect() == Dialect::Sqlite
    }

    /// Runs `work` in the transaction that was begun, and ends it.
    pub(super) fn end<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let done = work(self).and_then(|done| self.batch("COMMIT").map(|()| done));
        if done.is_err() {
            self.undo("ROLLBACK");
        }
        done
    }

    /// Runs `work` in the transaction that was begun, and undoes it.
    pub(super) fn rehearse<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let done = work(self);
        self.recorder = None;
        self.undo("ROLLBACK");
        done
    }

    /// The first error is what the caller must learn; a lost connection undoes by itself.
    fn undo(&mut self, how: &str) {
        if let Err(error) = self.batch(how) {
            self.broken = true;
            tracing::warn!(%error, "could not roll back");
        }
    }
}

/// What the log calls statements: `RUST_LOG=koji_core::sql=trace` shows each, without its values.
pub const LOGGED_AS: &str = "koji_core::sql";

fn tell(sql: &str) {
    tracing::trace!(target: LOGGED_AS, "{sql}");
}

/// Why not all rows of a statement were handed out.
enum Failed {
    /// The database gave none.
    ToBegin(DieselError),
    /// A row could not be fetched, read or taken.
    Within(Error),
}

impl From<Failed> for Error {
    fn from(why: Failed) -> Self {
        match why {
            Failed::ToBegin(error) => failed(error),
            Failed::Within(error) => error,
        }
    }
}

impl Link {
    fn each(
        &mut self,
        statement: &Statement,
        take: &mut dyn FnMut(&mut dyn Cells) -> Result<()>,
    ) -> Result<(), Failed> {
        match self {
            Self::Sqlite(conn) => {
                let rows = LoadConnection::<DefaultLoadingMode>::load(&mut **conn, statement);
                hand_out(rows, |row| take(&mut SqliteCells { row, next: 0 }))
            }
            Self::Pg(conn) if statement.one_by_one => {
                let rows = LoadConnection::<PgRowByRowLoadingMode>::load(&mut **conn, statement);
                hand_out(rows, |row| take(&mut PgCells { row, next: 0 }))
            }
            Self::Pg(conn) => {
                let rows = LoadConnection::<DefaultLoadingMode>::load(&mut **conn, statement);
                hand_out(rows, |row| take(&mut PgCells { row, next: 0 }))
            }
        }
    }
}

fn hand_out<R>(
    rows: QueryResult<impl Iterator<Item = QueryResult<R>>>,
    mut take: impl FnMut(R) -> Result<()>,
) -> Result<(), Failed> {
    for row in rows.map_err(Failed::ToBegin)? {
        row.map_err(failed).and_then(&mut take).map_err(Failed::Within)?;
    }
    Ok(())
}

/// A refusal of the database, as the library's error.
fn failed(source: DieselError) -> Error {
    let message = match &source {
        DieselError::DatabaseError(kind, info) => {
            let what = match kind {
                DatabaseErrorKind::UniqueViolation => "the database has this already",
                DatabaseErrorKind::ForeignKeyViolation => "the database knows nothing that this refers to",
                DatabaseErrorKind::CheckViolation | DatabaseErrorKind::NotNullViolation => {
                    "the database refuses this value"
                }
                _ => "the database refuses this",
            };
            format!("{what}: {}", info.message())
        }
        other => format!("the database failed: {other}"),
    };
    Error::unforeseen(message).caused_by(source)
}
