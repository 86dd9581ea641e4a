//! Calling tasks off, with what they are made of and what they were building.

use std::collections::{HashMap, HashSet};

use super::change;
use super::row::{self, Requests};
use super::state::{Held, TaskEvent};
use super::tree;
use crate::context::Cx;
use crate::db::Query;
use crate::{Error, Result};

/// Calls a task off, with the tasks below it unless told otherwise. A finished task stays as it is.
pub fn cancel(cx: &mut Cx<'_>, id: i64, recurse: bool) -> Result<()> {
    cancel_each(cx, &[id], recurse)
}

/// The same for several.
pub fn cancel_each(cx: &mut Cx<'_>, ids: &[i64], recurse: bool) -> Result<()> {
    let all = if recurse { tree::unfinished(cx, ids)? } else { Vec::new() };
    // whoever locks several tasks does it in one go, in the order of their ids
    change::held(cx, &[ids, &all[..]].concat())?;
    assert_may(cx, ids)?;
    cancel_all(cx, if recurse { &all } else { ids })
}

/// Calls off the tasks below one.
pub fn cancel_children(cx: &mut Cx<'_>, id: i64) -> Result<()> {
    assert_may(cx, &[id])?;
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
fn assert_may(cx: &mut Cx<'_>, ids: &[i64]) -> Result<()> {
    let refuse = |id| {
        Err(Error::not_allowed(format!("Cannot cancel task {id}: only its owner, its host and admins may")))
    };
    let Ok(user) = cx.user_id() else { return ids.first().map_or(Ok(()), refuse) };
    let tasks: HashMap<i64, Held> =
        change::held(cx, ids)?.into_iter().map(|task| (task.task_id, task)).collect();
    let owned: HashSet<i64> = Query::from("task")
        .filter("id IN ?", ids)
        .filter("owner = ?", user)
        .select(cx.db, "id")?
        .into_iter()
        .collect();
    for id in ids {
        let task = *tasks.get(id).ok_or_else(|| row::unknown(*id))?;
        if owned.contains(id) {
            continue;
        }
        let host = cx.host_id()?;
        let has_it = host.is_some_and(|host| super::state::assert_open(task, host.into()).is_ok());
        if !has_it && !cx.has_perm("admin")? {
            return refuse(id);
        }
    }
    Ok(())
}
