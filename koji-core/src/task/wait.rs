//! A task that waits for its parts. As in Koji any host may say so, of any task; only parts are made by the host that
//! has the task.

use serde::Serialize;

use super::state::TaskState;
use super::{change, owner, result, row, stored};
use crate::context::Cx;
use crate::db::{Query, Update};
use crate::wire::Value;
use crate::{Error, Result};

/// The awaited parts of a task: those that have ended, and the others.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Awaited(pub Vec<i64>, pub Vec<i64>);

/// A part with what came of it.
#[derive(Clone, Debug, Serialize)]
pub struct PartResult(pub i64, pub Value);

/// Marks a task as waiting, and these of its parts as awaited: all of them with None.
pub fn set(cx: &mut Cx<'_>, parent: i64, tasks: Option<&[i64]>) -> Result<()> {
    lock_with_parts(cx, parent)?;
    Update::table("task").set("waiting", true).filter("id = ?", parent).execute(cx.db)?;
    let Some(tasks) = tasks else {
        return Update::table("task")
            .set("awaited", true)
            .filter("parent = ?", parent)
            .execute(cx.db)
            .map(drop);
    };
    if tasks.is_empty() {
        tracing::warn!(parent, "a task waits for an empty list of tasks");
        return Ok(());
    }
    Update::table("task")
        .set("awaited", true)
        .filter("parent = ? AND id IN ?", (parent, tasks))
        .execute(cx.db)?;
    Update::table("task")
        .set("awaited", false)
        .filter("parent = ? AND awaited = TRUE AND id NOT IN ?", (parent, tasks))
        .execute(cx.db)
        .map(drop)
}

/// Locks a task and its parts in the order of their ids, as everybody does who locks several tasks: an update takes them as
/// they come, and would wait for somebody who waits for it.
fn lock_with_parts(cx: &mut Cx<'_>, parent: i64) -> Result<()> {
    let tasks = Query::from("task").filter("id = ? OR parent = ?", (parent, parent)).order("id").for_update();
    tasks.select::<i64>(cx.db, "id").map(drop)
}

/// Which awaited parts have ended. They are not awaited any more then.
pub fn check(cx: &mut Cx<'_>, parent: i64) -> Result<Awaited> {
    let parts: Vec<(i64, i64)> = Query::from("task")
        .filter("parent = ? AND awaited = TRUE", parent)
        .order("id")
        .select(cx.db, "id, state")?;
    let mut awaited = Awaited::default();
    for (id, state) in parts {
        if TaskState::from_number(state)?.is_finished() { &mut awaited.0 } else { &mut awaited.1 }.push(id);
    }
    if !awaited.0.is_empty() {
        change::held(cx, &awaited.0)?;
        Update::table("task").set("awaited", false).filter("id IN ?", &awaited.0[..]).execute(cx.db)?;
    }
    Ok(awaited)
}

/// What came of parts: of all that have ended with None. The fault of a part is the error, unless it is one of
/// `can_fail`. The task waits no more.
pub fn results(
    cx: &mut Cx<'_>,
    parent: i64,
    tasks: Option<Vec<i64>>,
    can_fail: &[i64],
) -> Result<Vec<PartResult>> {
    lock_with_parts(cx, parent)?;
    Update::table("task").set("waiting", false).filter("id = ?", parent).execute(cx.db)?;
    Update::table("task").set("awaited", false).filter("parent = ?", parent).execute(cx.db)?;
    let tasks = match tasks {
        Some(tasks) => tasks,
        None => Query::from("task")
            .filter("parent = ? AND state IN (2, 3, 5)", parent)
            .order("id")
            .select(cx.db, "id")?,
    };
    let endings = result::endings(cx, &tasks)?;
    let one = |id: i64| -> Result<PartResult> {
        let ending = endings.get(&id).ok_or_else(|| row::unknown(id))?;
        let can_fail = can_fail.contains(&id);
        match ending.outcome() {
            Ok(Ok(value)) => Ok(PartResult(id, value)),
            Ok(Err(fault)) if can_fail => Ok(PartResult(id, stored::fault_struct(&fault))),
            Err(error) if can_fail && ending.state == TaskState::Canceled => {
                Ok(PartResult(id, stored::fault_struct(&error)))
            }
            Ok(Err(error)) | Err(error) => Err(error),
        }
    };
    tasks.into_iter().map(one).collect()
}

/// The id of a part by its label.
pub fn labeled(cx: &mut Cx<'_>, parent: i64, label: &str) -> Result<Option<i32>> {
    Query::from("task")
        .filter("parent = ? AND label = ?", (parent, label))
        .order("id")
        .select_first(cx.db, "id")
}

/// Makes a part of an open task; the id of the one there is, if the label is known already.
pub fn subtask(cx: &mut Cx<'_>, host: i32, new: super::NewTask) -> Result<i32> {
    let parent = new.parent.ok_or_else(|| Error::parameter("a subtask needs a parent"))?;
    owner::require(cx, parent, host)?;
    if let Some(label) = &new.label
        && let Some(known) = labeled(cx, parent, label)?
    {
        return Ok(known);
    }
    super::make(cx, new)
}
