//! Which host has a task, and whose it is.

use super::state::TaskState;
use crate::context::Cx;
use crate::db::Query;
use crate::{Error, Result};

/// The host must have this task open; the task's row is locked until the call ends.
pub fn require(cx: &mut Cx<'_>, task: i64, host: i32) -> Result<()> {
    let row = Query::from("task").filter("id = ?", task).for_update();
    let (state, owner) = row
        .select_first::<(i64, Option<i32>)>(cx.db, "state, host_id")?
        .ok_or_else(|| Error::generic(format!("No such task: {task}")))?;
    if state == i64::from(TaskState::Open.number()) && owner == Some(host) {
        return Ok(());
    }
    Err(Error::not_allowed(format!("host {host} does not own task {task}")))
}

/// The user who asked for a task.
pub fn user(cx: &mut Cx<'_>, task: i64) -> Result<i32> {
    let owner = Query::from("task").filter("id = ?", task).select_first(cx.db, "owner")?;
    owner.ok_or_else(|| Error::generic(format!("No such task: {task}")))
}
