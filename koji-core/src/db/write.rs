//! Inserts, updates and deletes.

use super::bind::{Bind, Binds, Each, Statement};
use super::conn::Conn;
use super::fit::Fit;
use super::row::Column;
use crate::{Error, Result};

/// Values of one statement at most: both databases take this many.
const MOST_BINDS: usize = 30_000;

/// Rows that one statement gives values of their own.
const MOST_CASES: usize = 5_000;

/// An insert of one row.
#[derive(Clone, Debug)]
pub struct Insert {
    pub(super) table: &'static str,
    pub(super) columns: Vec<&'static str>,
    pub(super) binds: Vec<Bind>,
    pub(super) fit: Fit,
}

impl Insert {
    /// Inserts into a table.
    pub fn into(table: &'static str) -> Self {
        Self { table, columns: Vec::new(), binds: Vec::new(), fit: Fit::default() }
    }

    /// Sets a column.
    #[must_use]
    pub fn set(mut self, column: &'static str, value: impl Into<Bind>) -> Self {
        let value = value.into();
        self.fit.see(self.table, column, &value);
        self.columns.push(column);
        self.binds.push(value);
        self
    }

    fn statement(self, tail: &str) -> Result<Statement> {
        self.fit.judge()?;
        let places = vec!["?"; self.columns.len()].join(", ");
        let sql = if self.columns.is_empty() {
            format!("INSERT INTO {} DEFAULT VALUES{tail}", self.table)
        } else {
            format!("INSERT INTO {} ({}) VALUES ({places}){tail}", self.table, names(&self.columns))
        };
        Ok(Statement::new(sql, Each(self.binds)))
    }

    /// Does it.
    pub fn execute(self, conn: &mut Conn) -> Result<()> {
        conn.insert(self.table, self.statement("")?).map(drop)
    }

    /// Does it unless a unique constraint has the row already; whether it was inserted.
    pub fn or_ignore(self, conn: &mut Conn) -> Result<bool> {
        Ok(conn.insert(self.table, self.statement(" ON CONFLICT DO NOTHING")?)? > 0)
    }

    /// Does it, or changes the row that the key has already: `upsert(conn, "host_id", &["data"])`.
    pub fn upsert(self, conn: &mut Conn, key: &str, change: &[&str]) -> Result<()> {
        let sets: Vec<String> = change.iter().map(|column| format!("{column} = excluded.{column}")).collect();
        let tail = format!(" ON CONFLICT ({key}) DO UPDATE SET {}", sets.join(", "));
        let keys: Vec<&str> = key.split(", ").collect();
        let found: Vec<String> = keys.iter().map(|key| format!("{key} = ?")).collect();
        let of = |key: &&str| {
            self.columns.iter().position(|column| column == key).map(|at| self.binds[at].clone())
        };
        let binds: Vec<Bind> = keys.iter().filter_map(of).collect();
        conn.upsert(self.table, self.statement(&tail)?, &found.join(" AND "), Each(binds), change)
    }

    /// Does it and answers a column of the new row.
    pub fn returning<T: Column>(self, conn: &mut Conn, column: &str) -> Result<T> {
        let table = self.table;
        let statement = self.statement("")?;
        conn.insert_returning(table, statement, column)?
            .into_iter()
            .next()
            .ok_or_else(|| Error::unforeseen(format!("the database kept no row of {table}")))
    }

    /// Inserts many rows at once. Every row has a value for every column.
    pub fn many(
        conn: &mut Conn,
        table: &'static str,
        columns: &[&'static str],
        rows: Vec<Vec<Bind>>,
    ) -> Result<()> {
        Self::many_with(conn, table, columns, rows, "").map(drop)
    }

    /// The same, and answers the new rows' ids, in the order of the rows.
    pub fn many_returning(
        conn: &mut Conn,
        table: &'static str,
        columns: &[&'static str],
        rows: Vec<Vec<Bind>>,
    ) -> Result<Vec<i32>> {
        let mut ids = Vec::with_capacity(rows.len());
        Self::chunks(table, columns, rows, "", |statement| {
            ids.extend(conn.insert_returning::<i32>(table, statement, "id")?);
            Ok(())
        })?;
        // ids are given row by row, but RETURNING promises no order
        ids.sort_unstable();
        Ok(ids)
    }

    /// The same, but for rows that a unique constraint has already; how many were inserted.
    pub fn many_or_ignore(
        conn: &mut Conn,
        table: &'static str,
        columns: &[&'static str],
        rows: Vec<Vec<Bind>>,
    ) -> Result<usize> {
        Self::many_with(conn, table, columns, rows, " ON CONFLICT DO NOTHING")
    }

    /// The same; a row that the key has already gets all the other columns anew.
    pub fn many_upsert(
        conn: &mut Conn,
        table: &'static str,
        columns: &[&'static str],
        rows: Vec<Vec<Bind>>,
        key: &str,
    ) -> Result<()> {
        let others = columns.iter().filter(|column| **column != key);
        let sets: Vec<String> = others.map(|column| format!("{column} = excluded.{column}")).collect();
        let tail = format!(" ON CONFLICT ({key}) DO UPDATE SET {}", sets.join(", "));
        Self::many_with(conn, table, columns, rows, &tail).map(drop)
    }

    fn many_with(
        conn: &mut Conn,
        table: &'static str,
        columns: &[&'static str],
        rows: Vec<Vec<Bind>>,
        tail: &str,
    ) -> Result<usize> {
        let mut count = 0;
        Self::chunks(table, columns, rows, tail, |statement| {
            count += conn.insert(table, statement)?;
            Ok(())
        })?;
        Ok(count)
    }

    /// The statements that insert rows, as few as both databases take.
    fn chunks(
        table: &'static str,
        columns: &[&'static str],
        rows: Vec<Vec<Bind>>,
        tail: &str,
        mut run: impl FnMut(Statement) -> Result<()>,
    ) -> Result<()> {
        let mut fit = Fit::default();
        fit.see_rows(table, columns, &rows);
        fit.judge()?;
        let per_statement = (MOST_BINDS / columns.len().max(1)).max(1);
        let places = format!("({})", vec!["?"; columns.len()].join(", "));
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let chunk: Vec<Vec<Bind>> = rows.by_ref().take(per_statement).collect();
            let values = vec![places.as_str(); chunk.len()].join(", ");
            let sql = format!("INSERT INTO {table} ({}) VALUES {values}{tail}", names(columns));
            let binds = Each(chunk.into_iter().flatten().collect());
            run(Statement { once: true, ..Statement::new(sql, binds) })?;
        }
        Ok(())
    }
}

/// Events, one for each of many changes that follow each other: their ids, in order.
pub(crate) fn events(conn: &mut Conn, now: super::time::Time, count: usize) -> Result<Vec<i32>> {
    Insert::many_returning(conn, "events", &["time"], vec![vec![now.into()]; count])
}

/// Takes ids for new rows of a table, for rows that have to name each other.
pub(crate) fn reserve(conn: &mut Conn, table: &str, count: usize) -> Result<Vec<i32>> {
    let count = i64::try_from(count).map_err(|error| Error::unforeseen("too many rows").caused_by(error))?;
    let mut ids: Vec<i32> = Vec::new();
    for sql in conn.dialect().take_ids(table) {
        ids = conn.load(&Statement::new(sql, count))?;
    }
    Ok(ids)
}

fn names(columns: &[&str]) -> String {
    let quoted: Vec<String> = columns.iter().map(|column| format!("\"{column}\"")).collect();
    quoted.join(", ")
}

/// An update. It wants at least one condition.
#[derive(Clone, Debug)]
pub struct Update {
    table: &'static str,
    columns: Vec<String>,
    sets: Statement,
    conditions: Statement,
    fit: Fit,
}

impl Update {
    /// Updates a table.
    pub fn table(table: &'static str) -> Self {
        Self {
            table,
            columns: Vec::new(),
            sets: Statement::default(),
            conditions: Statement::default(),
            fit: Fit::default(),
        }
    }

    /// Sets a column.
    #[must_use]
    pub fn set(mut self, column: &str, value: impl Into<Bind>) -> Self {
        let value = value.into();
        self.fit.see(self.table, column, &value);
        self.set_raw(&format!("\"{column}\" = ?"), Each(vec![value]))
    }

    /// Sets a column by an expression: `set_raw("weight = weight + ?", 1.0)`.
    #[must_use]
    pub fn set_raw(mut self, assignment: &str, binds: impl Binds) -> Self {
        let before = if self.sets.sql.is_empty() { "" } else { ", " };
        let column = assignment.split_once('=').map_or(assignment, |(column, _)| column);
        self.columns.push(column.trim().trim_matches('"').to_owned());
        self.sets.push(before, ()).push(assignment, binds);
        self
    }

    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        self.sets.sql.is_empty()
    }

    /// One more condition.
    #[must_use]
    pub fn filter(mut self, condition: &str, binds: impl Binds) -> Self {
        conditions(&mut self.conditions, condition, binds);
        self
    }

    /// Does it, and gives each row its own value of a column besides: `pairs` tell it by the value of `key`. No other
    /// rows are changed.
    pub fn each(self, conn: &mut Conn, key: &str, column: &str, pairs: &[(i64, i64)]) -> Result<usize> {
        let mut count = 0;
        for pairs in pairs.chunks(MOST_CASES) {
            let cases = "WHEN ? THEN ? ".repeat(pairs.len());
            let binds =
                pairs.iter().flat_map(|(key, value)| [Bind::from(*key), Bind::from(*value)]).collect();
            let keys: Vec<i64> = pairs.iter().map(|(key, _)| *key).collect();
            count += self
                .clone()
                .set_raw(&format!("{column} = CASE {key} {cases}END"), Each(binds))
                .filter(&format!("{key} IN ?"), keys)
                .execute(conn)?;
        }
        Ok(count)
    }

    /// Does it; the number of rows changed.
    pub fn execute(self, conn: &mut Conn) -> Result<usize> {
        if self.conditions.sql.is_empty() || self.is_empty() {
            return Err(Error::unforeseen(format!("an update of {} without condition or value", self.table)));
        }
        self.fit.judge()?;
        let mut statement = Statement::new(format!("UPDATE {} SET ", self.table), ());
        statement.push(&self.sets.sql, Each(self.sets.binds));
        statement.push(&self.conditions.sql, Each(self.conditions.binds.clone()));
        conn.update(self.table, statement, &self.conditions, &self.columns)
    }
}

/// A delete. It wants at least one condition.
#[derive(Clone, Debug)]
pub struct Delete {
    table: &'static str,
    conditions: Statement,
}

impl Delete {
    /// Deletes from a table.
    pub fn from(table: &'static str) -> Self {
        Self { table, conditions: Statement::default() }
    }

    /// One more condition.
    #[must_use]
    pub fn filter(mut self, condition: &str, binds: impl Binds) -> Self {
        conditions(&mut self.conditions, condition, binds);
        self
    }

    /// Does it; the number of rows deleted.
    pub fn execute(self, conn: &mut Conn) -> Result<usize> {
        if self.conditions.sql.is_empty() {
            return Err(Error::unforeseen(format!("a delete from {} without condition", self.table)));
        }
        let mut statement = Statement::new(format!("DELETE FROM {}", self.table), ());
        statement.push(&self.conditions.sql, Each(self.conditions.binds));
        conn.delete(self.table, statement)
    }
}

fn conditions(all: &mut Statement, condition: &str, binds: impl Binds) {
    let before = if all.sql.is_empty() { " WHERE (" } else { " AND (" };
    all.push(before, ()).push(condition, binds).push(")", ());
}
