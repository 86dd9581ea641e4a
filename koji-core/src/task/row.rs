//! A task as clients see it, with its request and result if they are asked for.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::stored::Stored;
use crate::context::Cx;
use crate::db::Query;
use crate::{Error, Result, row};

row! {
    /// A task, without what it was asked and what came of it.
    pub struct TaskRow {
        /// Its id
        pub id: i32 = "task.id",
        /// Its state, see [`super::state::TaskState`]
        pub state: i32 = "task.state",
        /// When it was made
        pub create_time: crate::db::Time = "task.create_time",
        /// The same, in seconds since the epoch
        pub create_ts: f64 = "task.create_time",
        /// When a host last began with it
        pub start_time: Option<crate::db::Time> = "task.start_time",
        /// The same, in seconds since the epoch
        pub start_ts: Option<f64> = "task.start_time",
        /// When it ended
        pub completion_time: Option<crate::db::Time> = "task.completion_time",
        /// The same, in seconds since the epoch
        pub completion_ts: Option<f64> = "task.completion_time",
        /// Its channel
        pub channel_id: i32 = "task.channel_id",
        /// The host that has it, or had it last
        pub host_id: Option<i32> = "task.host_id",
        /// The task that it is a part of
        pub parent: Option<i32> = "task.parent",
        /// What tells it from the other parts of its parent
        pub label: Option<String> = "task.label",
        /// Whether it waits for parts of it
        pub waiting: Option<bool> = "task.waiting",
        /// Whether its parent waits for it
        pub awaited: Option<bool> = "task.awaited",
        /// The user who asked for it
        pub owner: i32 = "task.owner",
        /// Its method: what a builder is to do
        pub method: Option<String> = "task.method",
        /// The arch it needs
        pub arch: String = "task.arch",
        /// Its priority; the smallest goes first
        pub priority: Option<i32> = "task.priority",
        /// The load it puts on a host
        pub weight: f64 = "task.weight",
    }
}

/// A task, perhaps with its request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TaskInfo {
    /// The task
    #[serde(flatten)]
    pub task: TaskRow,
    /// What it was asked
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub request: Option<Stored>,
}

/// How much of a task's request is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requests {
    /// None of it
    Omit,
    /// Its text, as builders take it
    Text,
    /// Its arguments
    Decoded,
}

impl From<bool> for Requests {
    fn from(decoded: bool) -> Self {
        if decoded { Self::Decoded } else { Self::Omit }
    }
}

/// The tasks of a query over the table `task`, by id.
pub fn load(cx: &mut Cx<'_>, query: Query, requests: Requests) -> Result<Vec<TaskInfo>> {
    let rows: Vec<TaskRow> = query.order("task.id").load(cx.db)?;
    let mut texts = HashMap::new();
    if requests != Requests::Omit {
        let ids: Vec<i32> = rows.iter().map(|task| task.id).collect();
        let stored: Vec<(i32, Option<String>)> =
            Query::from("task").filter("id IN ?", ids).select(cx.db, "id, request")?;
        texts.extend(stored);
    }
    let with_request = |task: TaskRow| {
        let text = texts.remove(&task.id).flatten();
        let request = text.map(|text| match requests {
            Requests::Decoded => Stored::request(&text),
            Requests::Text | Requests::Omit => Stored::text(text),
        });
        Ok(TaskInfo { task, request: request.transpose()? })
    };
    rows.into_iter().map(with_request).collect()
}

/// The tasks of these ids that there are.
pub fn with_ids(cx: &mut Cx<'_>, ids: &[i64], requests: Requests) -> Result<Vec<TaskInfo>> {
    load(cx, Query::from("task").filter("task.id IN ?", ids), requests)
}

/// One task.
pub fn find(cx: &mut Cx<'_>, id: i64, requests: Requests) -> Result<Option<TaskInfo>> {
    Ok(with_ids(cx, &[id], requests)?.pop())
}

/// One task; an unknown id is an error.
pub fn get(cx: &mut Cx<'_>, id: i64, requests: Requests) -> Result<TaskInfo> {
    find(cx, id, requests)?.ok_or_else(|| unknown(id))
}

/// The error of a task that is not there.
pub fn unknown(id: i64) -> Error {
    Error::generic(format!("No such task: {id}"))
}
