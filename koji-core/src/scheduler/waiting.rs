//! Why tasks wait, and since when: kept in `scheduler_sys_data`, a row for each task, as long as it waits.
//!
//! That all hosts which could take a task are busy is one reason, however they are: the tables of tasks and hosts tell
//! what they are busy with.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::pick::Reason;
use super::scene::Lack;
use crate::Result;
use crate::context::Cx;
use crate::db::{Bind, Delete, Insert, Query};

/// Why a task waits, and since when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Waiting {
    /// The reason
    pub reason: String,
    /// Since when, in seconds since the epoch
    pub since_ts: f64,
}

/// Notes for what reasons tasks wait; those that are not among them wait no more.
pub(super) fn note(cx: &mut Cx<'_>, tasks: &[(i64, Reason)]) -> Result<()> {
    let rows: Vec<(String, serde_json::Value)> =
        Query::from("scheduler_sys_data").filter("name LIKE 'waiting %'", ()).select(cx.db, "name, data")?;
    let mut kept: HashMap<String, serde_json::Value> = rows.into_iter().collect();
    let since_ts = cx.now().0;
    let mut changed = Vec::new();
    for (task, reason) in tasks {
        let reason = text(*reason);
        let name = name(*task);
        let before = kept.remove(&name);
        if before.and_then(|data| Some(data.get("reason")?.as_str()? == reason)) == Some(true) {
            continue;
        }
        tracing::info!(task, reason, "a task waits");
        let data = serde_json::to_string(&Waiting { reason, since_ts })?;
        changed.push(vec![name.into(), Bind::Json(data)]);
    }
    let over: Vec<String> = kept.into_keys().collect();
    if !over.is_empty() {
        Delete::from("scheduler_sys_data").filter("name IN ?", over).execute(cx.db)?;
    }
    Insert::many_upsert(cx.db, "scheduler_sys_data", &["name", "data"], changed, "name")
}

/// Why a task waits, if that was noted.
pub(super) fn of_task(cx: &mut Cx<'_>, task: i64) -> Result<Option<Waiting>> {
    let data: Option<serde_json::Value> =
        Query::from("scheduler_sys_data").filter("name = ?", name(task)).select_first(cx.db, "data")?;
    Ok(data.map(serde_json::from_value).transpose()?)
}

fn name(task: i64) -> String {
    format!("waiting {task}")
}

fn text(reason: Reason) -> String {
    match reason {
        Reason::Lack(Lack::Jobs | Lack::Capacity | Lack::Memory) | Reason::Priority => {
            "the hosts that could take it are busy".to_owned()
        }
        other => other.to_string(),
    }
}
