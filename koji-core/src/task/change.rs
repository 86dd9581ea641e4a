//! Changes of tasks: the only place that writes `task.state`, always by way of [`super::state::next`].

use std::collections::HashMap;

use super::row::{self, Requests, TaskInfo};
use super::state::{self, Held, TaskEvent, TaskState};
use super::stored;
use crate::context::Cx;
use crate::db::{Query, Update};
use crate::numbered::Step;
use crate::wire::{Value, to_value};
use crate::{Result, plugin};

/// What decides on the next state of tasks, which stay locked until the transaction ends.
pub fn held(cx: &mut Cx<'_>, ids: &[i64]) -> Result<Vec<Held>> {
    let rows: Vec<(i64, i64, Option<i64>)> = Query::from("task")
        .filter("id IN ?", ids)
        .order("id")
        .for_update()
        .select(cx.db, "id, state, host_id")?;
    rows.into_iter()
        .map(|(task_id, state, host_id)| Ok(Held { task_id, state: TaskState::from_number(state)?, host_id }))
        .collect()
}

/// The same of one task; an unknown id is an error.
pub fn held_one(cx: &mut Cx<'_>, id: i64) -> Result<Held> {
    held(cx, &[id])?.pop().ok_or_else(|| row::unknown(id))
}

/// Lets something happen to one task.
pub fn apply_one(cx: &mut Cx<'_>, id: i64, event: TaskEvent, result: Option<&str>) -> Result<Step<Held>> {
    let task = held_one(cx, id)?;
    let step = state::next(task, event)?;
    if let Step::To(next) = step {
        write(cx, &[task], next, result)?;
    }
    Ok(step)
}

/// Lets something happen to many tasks; the ids of those that it changed. `tasks` came from [`held`].
pub fn apply(cx: &mut Cx<'_>, tasks: &[Held], event: TaskEvent) -> Result<Vec<i64>> {
    // Cancelling leaves the host as it is, so what is written is the same for all.
    let mut changed = Vec::new();
    let mut written = None;
    for task in tasks {
        if let Step::To(next) = state::next(*task, event)? {
            changed.push(*task);
            written = Some(next);
        }
    }
    if let Some(next) = written {
        write(cx, &changed, next, None)?;
    }
    Ok(changed.iter().map(|task| task.task_id).collect())
}

fn write(cx: &mut Cx<'_>, tasks: &[Held], next: Held, result: Option<&str>) -> Result<()> {
    let ids: Vec<i64> = tasks.iter().map(|task| task.task_id).collect();
    let now = cx.now();
    let changes: Vec<Changed> = tasks.iter().map(|task| Changed::state(task, next.state)).collect();
    tell(cx, "preTaskStateChange", &changes)?;
    let mut update = Update::table("task").set("state", next.state.number()).filter("id IN ?", ids);
    update = match next.state {
        TaskState::Free | TaskState::Assigned => update.set("host_id", next.host_id),
        TaskState::Open => update.set("host_id", next.host_id).set("start_time", now),
        TaskState::Closed | TaskState::Failed => update.set("result", result).set("completion_time", now),
        TaskState::Canceled => update.set("completion_time", now),
    };
    update.execute(cx.db)?;
    tell(cx, "postTaskStateChange", &changes)
}

/// Gives tasks to hosts, each to its own; those that got one. Another host's task is taken only by force.
pub fn assign(cx: &mut Cx<'_>, pairs: &[(i64, i64)], force: bool) -> Result<Vec<(i64, i64)>> {
    let ids: Vec<i64> = pairs.iter().map(|(task, _)| *task).collect();
    let hosts: HashMap<i64, i64> = pairs.iter().copied().collect();
    let (mut changes, mut changed, mut done) = (Vec::new(), Vec::new(), Vec::new());
    for task in held(cx, &ids)? {
        let Some(host_id) = hosts.get(&task.task_id).copied() else { continue };
        match state::next(task, TaskEvent::Assign { host_id, force })? {
            Step::To(_) => {
                changes.push(Changed::state(&task, TaskState::Assigned));
                changes.push(Changed::new(task.task_id, "host_id", task.host_id.into(), host_id.into()));
                changed.push((task.task_id, host_id));
            }
            Step::Already => {}
            Step::No => continue,
        }
        done.push((task.task_id, host_id));
    }
    if changed.is_empty() {
        return Ok(done);
    }
    tell(cx, "preTaskStateChange", &changes)?;
    Update::table("task")
        .set("state", TaskState::Assigned.number())
        .each(cx.db, "id", "host_id", &changed)?;
    tell(cx, "postTaskStateChange", &changes)?;
    Ok(done)
}

/// A changed attribute of a task, for plugins.
pub(super) struct Changed {
    task_id: i64,
    attribute: &'static str,
    old: Value,
    new: Value,
}

impl Changed {
    pub(super) fn new(task_id: i64, attribute: &'static str, old: Value, new: Value) -> Self {
        Self { task_id, attribute, old, new }
    }

    fn state(task: &Held, new: TaskState) -> Self {
        let number = |state: TaskState| i32::from(state.number()).into();
        Self::new(task.task_id, "state", number(task.state), number(new))
    }

    /// States travel as numbers, and plugins get their names.
    fn name(&self, value: &Value) -> Value {
        let state = (self.attribute == "state").then(|| value.as_int()).flatten();
        state
            .and_then(|state| TaskState::from_number(state).ok())
            .map_or_else(|| value.clone(), |state| state.name().into())
    }
}

/// Tells plugins of changes, one after the other. Nothing is loaded unless one listens.
pub(super) fn tell(cx: &mut Cx<'_>, point: &str, changes: &[Changed]) -> Result<()> {
    if !cx.env.hooks.has(point) {
        return Ok(());
    }
    let infos = infos(cx, changes)?;
    for change in changes {
        let info = infos.get(&change.task_id).ok_or_else(|| row::unknown(change.task_id))?;
        plugin::run(cx, point, |_| {
            Ok(vec![
                ("attribute".to_owned(), change.attribute.into()),
                ("old".to_owned(), change.name(&change.old)),
                ("new".to_owned(), change.name(&change.new)),
                ("info".to_owned(), info.clone()),
            ])
        })?;
    }
    Ok(())
}

/// What plugins are told of tasks: all that is known, with the results of those that are closed.
fn infos(cx: &mut Cx<'_>, changes: &[Changed]) -> Result<HashMap<i64, Value>> {
    let ids: Vec<i64> = changes.iter().map(|change| change.task_id).collect();
    let tasks = row::with_ids(cx, &ids, Requests::Decoded)?;
    let closed = TaskState::Closed.number();
    let results: Vec<(i64, String)> = Query::from("task")
        .filter("state = ? AND result IS NOT NULL", closed)
        .filter("id IN ?", &ids[..])
        .select(cx.db, "id, result")?;
    let results: HashMap<i64, String> = results.into_iter().collect();
    let info = |task: &TaskInfo| {
        let id = i64::from(task.task.id);
        let mut info = to_value(task)?;
        if let (Some(text), Value::Struct(members)) = (results.get(&id), &mut info)
            && let Ok(result) = stored::result(text)?
        {
            members.push(("result".to_owned(), result));
        }
        Ok((id, info))
    };
    tasks.iter().map(info).collect()
}
