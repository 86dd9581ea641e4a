//! Changes of tasks: the only place that writes `task.state`, always by way of [`super::state::next`].

use std::collections::HashMap;

use super::row::{self, Requests};
use super::state::{self, Held, TaskEvent, TaskState};
use super::stored;
use crate::context::Cx;
use crate::db::{Query, Update};
use crate::numbered::Step;
use crate::wire::{Map, Value, to_value};
use crate::{Result, plugin};

/// What decides on the next state of tasks, which stay locked until the transaction ends.
pub fn held(cx: &mut Cx<'_>, ids: &[i64]) -> Result<Vec<Held>> {
    let rows: Vec<(i64, i64, Option<i64>)> = Query::from("task")
        .filter("id IN ?", ids)
        .order("id")
        .for_update()
        .select(cx.db, "id, state, host_id")?;
    rows.into_iter()
        .map(|(task_id, state, host_id)| {
            Ok(Held { task_id, state: TaskState::from_number(state)?, host_id })
        })
        .collect()
}

/// The same of one task; an unknown id is an error.
pub fn held_one(cx: &mut Cx<'_>, id: i64) -> Result<Held> {
    held(cx, &[id])?.pop().ok_or_else(|| row::unknown(id))
}

/// The host must have the task open.
pub fn assert_open(cx: &mut Cx<'_>, id: i64, host: i32) -> Result<()> {
    state::assert_open(held_one(cx, id)?, host.into())
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
    let new = i64::from(next.state.number());
    for task in tasks {
        let old = i64::from(task.state.number());
        tell(cx, "preTaskStateChange", task.task_id, &Changed::new("state", old.into(), new.into()))?;
    }
    let mut update = Update::table("task").set("state", next.state.number()).filter("id IN ?", ids);
    update = match next.state {
        TaskState::Free | TaskState::Assigned => update.set("host_id", next.host_id),
        TaskState::Open => update.set("host_id", next.host_id).set("start_time", now),
        TaskState::Closed | TaskState::Failed => update.set("result", result).set("completion_time", now),
        TaskState::Canceled => update.set("completion_time", now),
    };
    update.execute(cx.db)?;
    for task in tasks {
        let old = i64::from(task.state.number());
        tell(cx, "postTaskStateChange", task.task_id, &Changed::new("state", old.into(), new.into()))?;
    }
    Ok(())
}

/// A changed attribute of a task, for plugins.
pub(super) struct Changed {
    attribute: &'static str,
    old: Value,
    new: Value,
}

impl Changed {
    pub(super) fn new(attribute: &'static str, old: Value, new: Value) -> Self {
        Self { attribute, old, new }
    }

    /// States travel as numbers, and plugins get their names.
    fn name(&self, value: &Value) -> Value {
        let state = (self.attribute == "state").then(|| value.as_int()).flatten();
        state
            .and_then(|state| TaskState::from_number(state).ok())
            .map_or_else(|| value.clone(), |state| state.name().into())
    }
}

/// Tells plugins of a change. Nothing is loaded unless one listens.
pub(super) fn tell(cx: &mut Cx<'_>, point: &str, id: i64, change: &Changed) -> Result<()> {
    plugin::run(cx, point, |cx| {
        let info = row::get(cx, id, Requests::Decoded)?;
        let is_closed = info.task.state == i32::from(TaskState::Closed.number());
        let mut info = to_value(&info)?;
        if let (true, Value::Struct(members)) = (is_closed, &mut info) {
            let text: Option<String> =
                Query::from("task").filter("id = ?", id).select_first(cx.db, "result")?;
            if let Some(Ok(result)) = text.map(|text| stored::result(&text)).transpose()? {
                members.push(("result".to_owned(), result));
            }
        }
        let keywords: HashMap<&str, Value> = HashMap::from([
            ("attribute", change.attribute.into()),
            ("old", change.name(&change.old)),
            ("new", change.name(&change.new)),
            ("info", info),
        ]);
        Ok(keywords.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Map>())
    })
}
