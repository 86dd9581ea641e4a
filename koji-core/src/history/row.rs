//! [`HistoryRow`]: a row of any versioned table, with the names of what it refers to.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::Result;
use crate::db::cells::Cells;

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Int,
    Bool,
    Double,
    Text,
    /// Seconds since the epoch
    Time,
    Json,
}

/// A column of an answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    /// The key that clients see
    pub key: &'static str,
    /// The expression it is read from
    pub sql: &'static str,
    pub kind: Kind,
}

/// The value of a column.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum Cell {
    Null,
    Int(i64),
    Bool(bool),
    Double(f64),
    Text(String),
    Json(serde_json::Value),
}

impl Cell {
    pub(super) fn read(kind: Kind, cells: &mut dyn Cells) -> Result<Self> {
        Ok(match kind {
            Kind::Int => cells.int()?.map(Self::Int),
            Kind::Bool => cells.int()?.map(|value| Self::Bool(value != 0)),
            Kind::Double => cells.double()?.map(Self::Double),
            Kind::Text => cells.text()?.map(Self::Text),
            Kind::Time => cells.time()?.map(|time| Self::Double(time.0)),
            Kind::Json => cells.text()?.map(|text| serde_json::from_str(&text)).transpose()?.map(Self::Json),
        }
        .unwrap_or(Self::Null))
    }
}

/// A row of a versioned table. Its keys depend on the table and on what was asked for.
#[derive(Clone, Debug)]
pub struct HistoryRow {
    pub(super) members: Vec<(&'static str, Cell)>,
}

impl HistoryRow {
    /// A number of this row.
    pub(super) fn number(&self, key: &str) -> Option<f64> {
        match self.members.iter().find(|(name, _)| *name == key) {
            Some((_, Cell::Int(value))) => Some(*value as f64),
            Some((_, Cell::Double(value))) => Some(*value),
            _ => None,
        }
    }

    /// Adds whether something holds; null where it cannot be said.
    pub(super) fn mark(&mut self, key: &'static str, holds: Option<bool>) {
        self.members.push((key, holds.map_or(Cell::Null, Cell::Bool)));
    }
}

impl Serialize for HistoryRow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.members.len()))?;
        for (key, cell) in &self.members {
            map.serialize_entry(key, cell)?;
        }
        map.end()
    }
}
