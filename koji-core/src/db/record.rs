//! What statements change, row by row, while somebody wants to know: for calls that are only rehearsed.
//!
//! All changes pass through [`super::write`]; while a connection records, each of its statements also tells the rows
//! that it inserted, changed or deleted, by `RETURNING` and by a select before an update.

use koji_schema::{Column as Described, Kind};
use serde::Serialize;

use super::bind::{Binds, Each, Statement};
use super::cells::Cells;
use super::conn::Conn;
use super::notes::Notes;
use super::row::{Cell, Column};
use crate::wire::{Map, Value};
use crate::{Error, Result};

/// Columns whose values nobody is shown.
const SECRET: &[(&str, &str)] = &[("users", "password"), ("sessions", "key")];

/// What happens to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It is new
    Insert,
    /// Some of its columns change
    Update,
    /// It goes
    Delete,
}

/// A row that a call changes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RowChange {
    /// The table
    pub table: &'static str,
    /// What happens to the row
    pub change: Change,
    /// Which row it is: its id, or what else of it stays as it is
    pub key: Value,
    /// The columns that change as they were; of a row that goes, all
    pub before: Value,
    /// The columns that change as they are then; of a new row, all
    pub after: Value,
}

/// The changes of a connection since it began to record.
pub type Recorder = Notes<RowChange>;

impl Recorder {
    fn inserted(&mut self, table: &'static str, row: Map) {
        self.note(table, Change::Insert, key(&row, &[]), (Map::new(), row));
    }

    fn note(&mut self, table: &'static str, change: Change, key: Map, (before, after): (Map, Map)) {
        let [key, before, after] = [key, before, after].map(Value::Struct);
        self.add(RowChange { table, change, key, before, after });
    }
}

/// The id of a row; of one without, what is in it beside the columns named. A whole row needs no key then.
fn key(row: &Map, changed: &[String]) -> Map {
    match row.iter().find(|(name, _)| name == "id") {
        Some(id) => vec![id.clone()],
        None if changed.is_empty() => Map::new(),
        None => {
            row.iter().filter(|(name, value)| !changed.contains(name) && !value.is_nil()).cloned().collect()
        }
    }
}

fn columns(table: &str) -> Result<&'static [Described]> {
    koji_schema::table(table)
        .map(|table| table.columns)
        .ok_or_else(|| Error::unforeseen(format!("there is no table {table}")))
}

fn listed(columns: &[Described]) -> String {
    let quoted: Vec<String> = columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
    quoted.join(", ")
}

/// The cells of a row as values, by the type of each column.
fn read(table: &str, columns: &[Described], cells: &mut dyn Cells) -> Result<Map> {
    let mut row = Map::with_capacity(columns.len());
    for column in columns {
        let value: Value = match column.kind {
            Kind::Integer | Kind::BigInt | Kind::SmallInt => cells.int()?.map_or(Value::Nil, Value::Int),
            Kind::Boolean => cells.int()?.map_or(Value::Nil, |value| Value::Bool(value != 0)),
            Kind::Double => cells.double()?.map_or(Value::Nil, Value::Double),
            Kind::Timestamp => cells.time()?.map_or(Value::Nil, |time| Value::String(time.to_string())),
            Kind::Text | Kind::Varchar(_) | Kind::Json | Kind::Jsonb => {
                cells.text()?.map_or(Value::Nil, Value::String)
            }
        };
        let hide = !value.is_nil() && SECRET.contains(&(table, column.name));
        row.push((column.name.to_owned(), if hide { "(hidden)".into() } else { value }));
    }
    Ok(row)
}

impl Conn {
    fn rows(&mut self, table: &'static str, statement: &Statement) -> Result<Vec<Map>> {
        let columns = columns(table)?;
        let mut rows = Vec::new();
        self.each_cells(statement, |cells| {
            rows.push(read(table, columns, cells)?);
            Ok(())
        })?;
        Ok(rows)
    }

    fn returning(&mut self, table: &'static str, mut statement: Statement) -> Result<Vec<Map>> {
        statement.push(" RETURNING ", ()).push(&listed(columns(table)?), ()).once = true;
        self.rows(table, &statement)
    }

    fn recorder(&mut self) -> &mut Recorder {
        self.recorder.get_or_insert_default()
    }

    /// Runs an insert; the number of rows inserted.
    pub(super) fn insert(&mut self, table: &'static str, statement: Statement) -> Result<usize> {
        if self.recorder.is_none() {
            return self.execute(&statement);
        }
        let rows = self.returning(table, statement)?;
        let count = rows.len();
        rows.into_iter().for_each(|row| self.recorder().inserted(table, row));
        Ok(count)
    }

    /// Runs an insert; a column of each new row.
    pub(super) fn insert_returning<T: Column>(
        &mut self,
        table: &'static str,
        mut statement: Statement,
        column: &str,
    ) -> Result<Vec<T>> {
        statement.push(" RETURNING ", ()).push(column, ());
        let mut values = Vec::new();
        if self.recorder.is_none() {
            self.each_cells(&statement, |mut cells| {
                values.push(<T as Cell>::read(&mut cells)?);
                Ok(())
            })?;
            return Ok(values);
        }
        let columns = columns(table)?;
        statement.push(", ", ()).push(&listed(columns), ()).once = true;
        let mut rows = Vec::new();
        self.each_cells(&statement, |mut cells| {
            values.push(<T as Cell>::read(&mut cells)?);
            rows.push(read(table, columns, cells)?);
            Ok(())
        })?;
        rows.into_iter().for_each(|row| self.recorder().inserted(table, row));
        Ok(values)
    }

    /// Runs an insert that changes the row which a condition finds, if there is one: `changed` are the columns then.
    pub(super) fn upsert(
        &mut self,
        table: &'static str,
        statement: Statement,
        condition: &str,
        binds: impl Binds,
        changed: &[&str],
    ) -> Result<()> {
        if self.recorder.is_none() {
            return self.execute(&statement).map(drop);
        }
        let found = self.found(table, &Statement::new(format!(" WHERE {condition}"), binds))?;
        let rows = self.returning(table, statement)?;
        let changed: Vec<String> = changed.iter().map(|name| (*name).to_owned()).collect();
        match found.is_empty() {
            true => rows.into_iter().for_each(|row| self.recorder().inserted(table, row)),
            false => self.updated(table, found, rows, &changed),
        }
        Ok(())
    }

    /// Runs an update of the rows that fulfil conditions (` WHERE ..`); `changed` are the columns.
    pub(super) fn update(
        &mut self,
        table: &'static str,
        statement: Statement,
        conditions: &Statement,
        changed: &[String],
    ) -> Result<usize> {
        if self.recorder.is_none() {
            return self.execute(&statement);
        }
        let before = self.found(table, conditions)?;
        let after = self.returning(table, statement)?;
        let count = after.len();
        self.updated(table, before, after, changed);
        Ok(count)
    }

    /// Runs a delete.
    pub(super) fn delete(&mut self, table: &'static str, statement: Statement) -> Result<usize> {
        if self.recorder.is_none() {
            return self.execute(&statement);
        }
        let rows = self.returning(table, statement)?;
        let count = rows.len();
        for row in rows {
            self.recorder().note(table, Change::Delete, key(&row, &[]), (row, Map::new()));
        }
        Ok(count)
    }

    /// The rows that fulfil conditions, locked as the update is about to lock them.
    fn found(&mut self, table: &'static str, conditions: &Statement) -> Result<Vec<Map>> {
        let mut select = Statement::new(format!("SELECT {} FROM {table}", listed(columns(table)?)), ());
        select.push(&conditions.sql, Each(conditions.binds.clone()));
        let lock = self.dialect().for_update();
        select.push(lock, ()).once = true;
        self.rows(table, &select)
    }

    /// An update leaves the other columns as they were: by them a row is found again.
    fn updated(&mut self, table: &'static str, mut before: Vec<Map>, after: Vec<Map>, changed: &[String]) {
        let split =
            |row: Map| -> (Map, Map) { row.into_iter().partition(|(name, _)| changed.contains(name)) };
        for row in after {
            let same =
                |old: &Map| old.iter().zip(&row).all(|(old, new)| changed.contains(&old.0) || old.1 == new.1);
            let Some(at) = before.iter().position(same) else { continue };
            let key = key(&row, changed);
            let (mut old, mut new) = (split(before.remove(at)).0, split(row).0);
            // what is set to what it was is no change
            let alike: Vec<String> =
                old.iter().zip(&new).filter(|(old, new)| old == new).map(|(old, _)| old.0.clone()).collect();
            old.retain(|(name, _)| !alike.contains(name));
            new.retain(|(name, _)| !alike.contains(name));
            if !new.is_empty() {
                self.recorder().note(table, Change::Update, key, (old, new));
            }
        }
    }
}
