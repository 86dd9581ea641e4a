//! Changes of tasks: the only place that writes `task.state`, always by way of [`super::state::next`].

use std::collections::HashMap;

use super::row::{self, Requests};
use super::state::{self, Held, TaskEvent, TaskState};
use super::stored;
use crate::context::Cx;
use crate::db::bind::Each;
use crate::db::{Bind, Query, Update};
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

/// Gives tasks to hosts, each to its own; those that got one. Another host's task is taken only by force.
pub fn assign(cx: &mut Cx<'_>, pairs: &[(i64, i64)], force: bool) -> Result<Vec<(i64, i64)>> {
    let ids: Vec<i64> = pairs.iter().map(|(task, _)| *task).collect();
    let hosts: HashMap<i64, i64> = pairs.iter().copied().collect();
    let (mut changed, mut done) = (Vec::new(), Vec::new());
    for task in held(cx, &ids)? {
        let Some(host_id) = hosts.get(&task.task_id).copied() else { continue };
        match state::next(task, TaskEvent::Assign { host_id, force })? {
            Step::To(_) => changed.push(task),
            Step::Already => {}
            Step::No => continue,
        }
        done.push((task.task_id, host_id));
    }
    if changed.is_empty() {
        return Ok(done);
    }
    for point in ["preTaskStateChange", "postTaskStateChange"] {
        for task in &changed {
            let (old, new) = (task.state.number(), TaskState::Assigned.number());
            let change = Changed::new("state", i32::from(old).into(), i32::from(new).into());
            tell(cx, point, task.task_id, &change)?;
            let host = hosts.get(&task.task_id).copied();
            tell(cx, point, task.task_id, &Changed::new("host_id", task.host_id.into(), host.into()))?;
        }
        if point.starts_with("pre") {
            write_hosts(cx, &changed, &hosts)?;
        }
    }
    Ok(done)
}

/// One statement for all: each task gets its own host.
fn write_hosts(cx: &mut Cx<'_>, tasks: &[Held], hosts: &HashMap<i64, i64>) -> Result<()> {
    let ids: Vec<i64> = tasks.iter().map(|task| task.task_id).collect();
    let choice = format!("host_id = CASE id {}END", "WHEN ? THEN ? ".repeat(ids.len()));
    let binds: Vec<Bind> = ids.iter().flat_map(|id| [(*id).into(), hosts.get(id).copied().into()]).collect();
    Update::table("task")
        .set("state", TaskState::Assigned.number())
        .set_raw(&choice, Each(binds))
        .filter("id IN ?", ids)
        .execute(cx.db)
        .map(drop)
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
