//! How tasks and those below them stand: what somebody who follows tasks is told.

use std::fs;

use crate::context::Cx;
use crate::db::Query;
use crate::row;
use crate::{Error, Result};

/// `family`: these tasks and what is below them, each with the one that it was found by.
const FAMILY: &str = "WITH RECURSIVE family(id, root) AS (SELECT id, id FROM task WHERE id IN ? UNION \
     SELECT task.id, family.root FROM task JOIN family ON task.parent = family.id) ";

row! {
    /// A task as followers see it.
    #[derive(PartialEq)]
    pub struct Standing {
        /// The task
        pub id: i64 = "task.id",
        /// The followed task that it is, or is below of
        pub root: i64 = "family.root",
        /// The task that it is part of
        pub parent: Option<i64> = "task.parent",
        /// Its state
        pub state: i64 = "task.state",
        /// What is done
        pub method: Option<String> = "task.method",
        /// The host that has it, or had it
        pub host_id: Option<i64> = "task.host_id",
        /// Whether it waits for parts
        pub waiting: Option<bool> = "task.waiting",
    }
}

/// How these tasks stand, and all that are below them. Unknown ones are left out.
pub fn of_families(cx: &mut Cx<'_>, roots: &[i64]) -> Result<Vec<Standing>> {
    Query::from("family")
        .with(FAMILY, roots.to_vec())
        .join("task ON task.id = family.id")
        .order("task.id")
        .order("family.root")
        .load(cx.db)
}

/// The logs that a task has on the default volume so far, with their sizes in bytes.
pub fn logs(cx: &Cx<'_>, id: i64) -> Result<Vec<(String, u64)>> {
    let dir = cx.env.paths.task(id, None);
    let entries = match fs::read_dir(&dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(vec![]),
        Err(error) => return Err(Error::io(&dir, error)),
    };
    let mut logs = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| Error::io(&dir, error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some(meta) = entry.metadata().ok().filter(|meta| meta.is_file() && name.ends_with(".log")) {
            logs.push((name, meta.len()));
        }
    }
    logs.sort();
    Ok(logs)
}
