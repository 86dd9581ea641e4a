//! Calling tasks off, with what they are made of and what they were building.

use super::change;
use super::row::{self, Requests};
use super::state::TaskEvent;
use super::tree;
use crate::context::Cx;
use crate::{Error, Result};

/// Calls a task off, with the tasks below it unless told otherwise. A finished task stays as it is.
pub fn cancel(cx: &mut Cx<'_>, id: i64, recurse: bool) -> Result<()> {
    assert_may(cx, id)?;
    row::get(cx, id, Requests::Omit)?;
    let ids = if recurse { tree::unfinished(cx, id)? } else { vec![id] };
    cancel_all(cx, &ids)
}

/// Calls off the tasks below one.
pub fn cancel_children(cx: &mut Cx<'_>, id: i64) -> Result<()> {
    assert_may(cx, id)?;
    let ids = tree::unfinished_below(cx, id)?;
    cancel_all(cx, &ids)
}

/// Calls off a task and its whole group, whatever is finished in between. `strict` wants the top of it.
pub fn cancel_full(cx: &mut Cx<'_>, id: i64, strict: bool) -> Result<()> {
    let task = row::get(cx, id, Requests::Omit)?.task;
    let top = match task.parent {
        Some(parent) if strict => {
            return Err(Error::generic(format!("Task {id} is not top-level (parent={parent})")));
        }
        Some(_) => tree::top(cx, id)?,
        None => id,
    };
    let mut ids = tree::below(cx, top)?;
    ids.push(top);
    cancel_all(cx, &ids)
}

/// Calls off these tasks, and the builds that were under way in them.
fn cancel_all(cx: &mut Cx<'_>, ids: &[i64]) -> Result<()> {
    let tasks = change::held(cx, ids)?;
    let changed = change::apply(cx, &tasks, TaskEvent::Cancel)?;
    if changed.is_empty() {
        return Ok(());
    }
    crate::build::cancel::of_tasks(cx, &changed)
}

/// The owner may, the host that has the task open, and admins.
fn assert_may(cx: &mut Cx<'_>, id: i64) -> Result<()> {
    if let Ok(user) = cx.user_id() {
        let task = change::held_one(cx, id)?;
        if row::get(cx, id, Requests::Omit)?.task.owner == user {
            return Ok(());
        }
        if let Some(host) = cx.host_id()?
            && super::state::assert_open(task, host.into()).is_ok()
        {
            return Ok(());
        }
        if cx.has_perm("admin")? {
            return Ok(());
        }
    }
    Err(Error::not_allowed(format!("Cannot cancel task {id}: only its owner, its host and admins may")))
}
