//! Changing the priority of tasks that are there.

use super::change::{self, Changed};
use super::row::{self, Requests};
use super::state::TaskState;
use super::tree;
use crate::context::Cx;
use crate::db::Update;
use crate::{Error, Result};

/// Sets a task's priority, and that of the tasks below it unless told otherwise.
pub fn set(cx: &mut Cx<'_>, id: i64, priority: i64, recurse: bool) -> Result<()> {
    let task = row::get(cx, id, Requests::Omit)?.task;
    if TaskState::from_number(task.state.into())?.is_finished() {
        return Err(Error::generic("Finished task's priority can't be updated"));
    }
    let mut ids = if recurse { tree::below(cx, id)? } else { Vec::new() };
    ids.push(id);
    let change = |id: &i64| Changed::new(*id, "priority", task.priority.into(), priority.into());
    let changes: Vec<Changed> = ids.iter().map(change).collect();
    change::held(cx, &ids)?;
    change::tell(cx, "preTaskStateChange", &changes)?;
    Update::table("task").set("priority", priority).filter("id IN ?", &ids[..]).execute(cx.db)?;
    change::tell(cx, "postTaskStateChange", &changes)
}
