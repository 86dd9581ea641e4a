//! The tasks below a task.

use std::collections::BTreeMap;

use super::row::{self, Requests, TaskInfo, load};
use super::tree;
use crate::Result;
use crate::context::Cx;
use crate::db::Query;

/// The tasks right below a task. `strict` wants the task to be there.
pub fn children(cx: &mut Cx<'_>, id: i64, requests: Requests, strict: bool) -> Result<Vec<TaskInfo>> {
    if strict {
        row::get(cx, id, Requests::Omit)?;
    }
    load(cx, Query::from("task").filter("task.parent = ?", id), requests)
}

/// The children of a task and of every task below it, by the parent's id as text.
pub fn descendents(cx: &mut Cx<'_>, id: i64, requests: Requests) -> Result<BTreeMap<String, Vec<TaskInfo>>> {
    let query = Query::from("task").with(tree::BELOW, id).filter("task.id IN (SELECT id FROM tree)", ());
    let tasks = load(cx, query, requests)?;
    let mut map: BTreeMap<String, Vec<TaskInfo>> =
        tasks.iter().map(|info| (info.task.id.to_string(), Vec::new())).collect();
    map.insert(id.to_string(), Vec::new());
    for info in tasks {
        let parent = info.task.parent.unwrap_or_default().to_string();
        map.entry(parent).or_default().push(info);
    }
    Ok(map)
}
