//! What a host does with tasks: begin, end, give back.

use super::change::{self, Changed};
use super::row::{self, Requests, TaskInfo};
use super::state::{TaskEvent, TaskState};
use super::{owner, stored};
use crate::context::Cx;
use crate::db::{Query, Update};
use crate::numbered::Step;
use crate::scheduler::refusal::{self, Refusal};
use crate::{Error, Result};

crate::row! {
    /// A task that a host has open.
    pub struct OpenTask {
        /// Its id
        pub id: i32 = "task.id",
        /// Whether it waits for parts of it
        pub waiting: Option<bool> = "task.waiting",
        /// The load it puts on the host
        pub weight: f64 = "task.weight",
        /// Whether a part that it waits for has ended
        #[serde(skip_serializing_if = "std::ops::Not::not", default)]
        pub alert: bool = "CASE WHEN task.waiting = TRUE AND EXISTS (SELECT 1 FROM task AS part \
            WHERE part.parent = task.id AND part.awaited = TRUE AND part.state IN (2, 3, 5)) \
            THEN TRUE ELSE FALSE END",
    }
}

/// Begins with a task: the task with the text of its request; None if the host can't have it.
pub fn open(cx: &mut Cx<'_>, host: i32, id: i64) -> Result<Option<TaskInfo>> {
    match change::apply_one(cx, id, TaskEvent::Open { host_id: host.into() }, None)? {
        Step::To(_) => row::get(cx, id, Requests::Text).map(Some),
        Step::Already | Step::No => Ok(None),
    }
}

/// Ends a task with its result, the text of a response. A fault is no result.
pub fn close(cx: &mut Cx<'_>, host: i32, id: i64, response: &str) -> Result<()> {
    change::apply_one(cx, id, TaskEvent::Close { host_id: host.into() }, Some(response))?;
    stored::result(response)?.map(drop)
}

/// Ends a task with the fault that it failed with.
pub fn fail(cx: &mut Cx<'_>, host: i32, id: i64, response: &str) -> Result<()> {
    change::apply_one(cx, id, TaskEvent::Fail { host_id: host.into() }, Some(response)).map(drop)
}

/// Gives tasks back. Those that the host has not open any more stay as they are.
pub fn give_back(cx: &mut Cx<'_>, host: i32, ids: &[i64]) -> Result<()> {
    let tasks = change::held(cx, ids)?;
    if let Some(missing) = ids.iter().find(|id| !tasks.iter().any(|task| task.task_id == **id)) {
        return Err(row::unknown(*missing));
    }
    let own: Vec<_> =
        tasks.into_iter().filter(|task| super::state::assert_open(*task, host.into()).is_ok()).collect();
    change::apply(cx, &own, TaskEvent::Free).map(drop)
}

/// Takes a task from whoever has it.
pub fn free(cx: &mut Cx<'_>, id: i64) -> Result<()> {
    if row::get(cx, id, Requests::Omit)?.task.state == i32::from(TaskState::Free.number()) {
        return Err(Error::generic(format!("No such task: {id} (it is free already)")));
    }
    change::apply_one(cx, id, TaskEvent::Free, None).map(drop)
}

/// A host does not want a task that it was given: soft for now, else for good.
pub fn refuse(cx: &mut Cx<'_>, host: i32, id: i64, soft: bool, why: &str) -> Result<()> {
    let task = row::get(cx, id, Requests::Omit)?.task;
    if task.host_id != Some(host) {
        tracing::warn!(host, task = id, "a host refused a task that it does not have");
        return Ok(());
    }
    let refusal = Refusal { task_id: id, host_id: host.into(), soft, by_host: true, msg: why.to_owned() };
    refusal::add(cx, &[refusal])?;
    free(cx, id)
}

/// Tells the load that an open task puts on its host.
pub fn set_weight(cx: &mut Cx<'_>, host: i32, id: i64, weight: f64) -> Result<()> {
    owner::require(cx, id, host)?;
    let old = row::get(cx, id, Requests::Omit)?.task.weight;
    let change = [Changed::new(id, "weight", old.into(), weight.into())];
    change::tell(cx, "preTaskStateChange", &change)?;
    Update::table("task").set("weight", weight).filter("id = ?", id).execute(cx.db)?;
    change::tell(cx, "postTaskStateChange", &change)
}

/// The tasks that a host has open.
pub fn open_tasks(cx: &mut Cx<'_>, host: i32) -> Result<Vec<OpenTask>> {
    Query::from("task").filter("task.host_id = ? AND task.state = 1", host).order("task.id").load(cx.db)
}
