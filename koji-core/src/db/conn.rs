//! [`Conn`]: one connection to either database, and the only place where statements run.

use diesel::connection::{Connection, DefaultLoadingMode, LoadConnection, SimpleConnection};
use diesel::pg::PgRowByRowLoadingMode;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel::{PgConnection, SqliteConnection};

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
}

/// The driver behind a connection.
pub(super) enum Link {
    Sqlite(Box<SqliteConnection>),
    Pg(Box<PgConnection>),
}

impl Conn {
    pub(super) fn new(link: Link, file: Option<FileId>) -> Self {
        Self { link, broken: false, recorder: None, file }
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
        match &mut self.link {
            Link::Sqlite(conn) => {
                for row in
                    LoadConnection::<DefaultLoadingMode>::load(&mut **conn, statement).map_err(failed)?
                {
                    take(&mut SqliteCells { row: row.map_err(failed)?, next: 0 })?;
                }
            }
            Link::Pg(conn) => {
                // Row by row, so that a large answer is not in memory twice.
                for row in
                    LoadConnection::<PgRowByRowLoadingMode>::load(&mut **conn, statement).map_err(failed)?
                {
                    take(&mut PgCells { row: row.map_err(failed)?, next: 0 })?;
                }
            }
        }
        Ok(())
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

    /// Runs a statement that gives no rows; the number of rows it touched.
    pub fn execute(&mut self, statement: &Statement) -> Result<usize> {
        match &mut self.link {
            Link::Sqlite(conn) => conn.execute_returning_count(statement),
            Link::Pg(conn) => conn.execute_returning_count(statement),
        }
        .map_err(failed)
    }

    /// Runs text without values: transaction control, schema files.
    pub fn batch(&mut self, sql: &str) -> Result<()> {
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
