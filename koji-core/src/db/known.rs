//! [`Known`]: names by id. Rows of a listing share them, so they are loaded beside it, all by one statement, and are
//! not joined to every row.

use std::collections::HashMap;

use super::bind::{Bind, Each};
use super::conn::Conn;
use super::query::Query;
use super::shared::Shared;
use super::time::Time;
use crate::Result;

/// Names of things, and times of events.
#[derive(Debug, Default)]
pub struct Known {
    names: HashMap<(&'static str, i32), Shared>,
    times: HashMap<i32, Time>,
}

/// Of what the names are wanted.
#[derive(Clone, Debug, Default)]
pub struct Unknown(Vec<(&'static str, Vec<i32>)>);

/// The table that has times instead of names.
const EVENTS: &str = "events";

impl Unknown {
    /// Adds the things of a table that has ids and names. An id may come any number of times.
    #[must_use]
    pub fn names(mut self, table: &'static str, ids: impl Iterator<Item = i32>) -> Self {
        let mut ids: Vec<i32> = ids.collect();
        ids.sort_unstable();
        ids.dedup();
        self.0.push((table, ids));
        self
    }

    /// Adds events, for their times.
    #[must_use]
    pub fn events(self, ids: impl Iterator<Item = i32>) -> Self {
        self.names(EVENTS, ids)
    }

    /// Loads them.
    pub fn load(self, conn: &mut Conn) -> Result<Known> {
        let mut tables = self.0;
        tables.retain(|(_, ids)| !ids.is_empty());
        // a union takes the types of its columns from the first parts that have any
        tables.sort_by_key(|(table, _)| *table != EVENTS);
        let part = |(at, (table, _)): (usize, &(&str, Vec<i32>))| {
            let columns = if *table == EVENTS { "NULL AS name, time AS at" } else { "name, NULL AS at" };
            format!("SELECT {at} AS kind, id, {columns} FROM {table} WHERE id IN ?")
        };
        let parts: Vec<String> = tables.iter().enumerate().map(part).collect();
        let mut known = Known::default();
        if parts.is_empty() {
            return Ok(known);
        }
        let ids = tables.iter().map(|(_, ids)| Bind::from(ids)).collect();
        let query = Query::from_with(&format!("({}) AS known", parts.join(" UNION ALL ")), Each(ids));
        type Cells = (i32, i32, Option<Shared>, Option<Time>);
        for (kind, id, name, time) in query.select::<Cells>(conn, "kind, id, name, at")? {
            let table =
                usize::try_from(kind).ok().and_then(|at| tables.get(at)).map_or("", |(table, _)| table);
            if let Some(name) = name {
                known.names.insert((table, id), name);
            }
            if let Some(time) = time {
                known.times.insert(id, time);
            }
        }
        Ok(known)
    }
}

impl Known {
    /// The name of a thing of a table.
    pub fn name(&self, table: &'static str, id: i32) -> Shared {
        self.names.get(&(table, id)).cloned().unwrap_or_default()
    }

    /// The time of an event.
    pub fn time(&self, event: i32) -> Time {
        self.times.get(&event).copied().unwrap_or(Time(0.0))
    }
}
