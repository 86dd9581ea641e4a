//! Another try of a task that failed or was called off.

use super::make::{NewTask, make};
use super::result;
use super::row::{self, Requests};
use super::state::TaskState;
use crate::context::Cx;
use crate::{Error, Result};

/// Makes the same task again; its id. It is the caller's then.
pub fn resubmit(cx: &mut Cx<'_>, id: i64) -> Result<i32> {
    let user = cx.user_id()?;
    let task = row::get(cx, id, Requests::Omit)?.task;
    if !matches!(TaskState::from_number(task.state.into())?, TaskState::Canceled | TaskState::Failed) {
        return Err(Error::generic("only canceled or failed tasks may be resubmitted"));
    }
    if task.parent.is_some() {
        return Err(Error::generic("only top-level tasks may be resubmitted"));
    }
    if task.owner != user && !cx.has_perm("admin")? {
        return Err(Error::generic("only the task owner or an admin may resubmit a task"));
    }
    let params = result::request(cx, id)?;
    let again = NewTask {
        arch: Some(task.arch),
        channel: Some(task.channel_id.into()),
        priority: task.priority.map(Into::into),
        ..NewTask::new(task.method.unwrap_or_default(), params)
    };
    make(cx, again)
}
