//! Hosts that are silent, and tasks that their host does not begin with or left alone.

use std::collections::HashMap;

use super::learned;
use super::load::{self, ActiveTask, HostRow};
use super::log::{self, Note};
use super::refusal::{self, Refusal};
use crate::Result;
use crate::context::Cx;
use crate::db::{Query, Time, Update};
use crate::task::change;
use crate::task::state::{TaskEvent, TaskState};

/// Hosts that have not reported for too long are not ready, whatever they said last; those that this is new of.
pub(super) fn silence(cx: &Cx<'_>, hosts: &mut [HostRow]) -> Vec<i64> {
    let oldest = cx.now().0 - cx.env.config.int("ReadyTimeout") as f64;
    let is_silent = |host: &&mut HostRow| host.ready && host.update_ts.is_none_or(|update| update < oldest);
    let silent = hosts.iter_mut().filter(is_silent);
    silent
        .map(|host| {
            host.ready = false;
            host.id
        })
        .collect()
}

/// Notes that hosts are not ready.
pub(super) fn mark_silent(cx: &mut Cx<'_>, ids: Vec<i64>) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let note = |id: &i64| Note { msg: "Marking host not ready".into(), task_id: None, host_id: Some(*id) };
    log::add(cx, &ids.iter().map(note).collect::<Vec<_>>())?;
    Update::table("host").set("ready", false).filter("id IN ?", ids).execute(cx.db).map(drop)
}

/// What is wrong with an active task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    /// It has no host.
    NoHost,
    /// Its host has reported since, and not begun with it: it does not want it.
    Ignored,
    /// Its host has not begun with it, nor reported since.
    NotBegun,
    /// Its host is silent.
    Silent,
}

/// Takes tasks from hosts that do not do them, and ends the runs that are over.
pub(super) fn check_active_tasks(cx: &mut Cx<'_>, hosts: &[HostRow], tasks: &[ActiveTask]) -> Result<()> {
    let runs: Vec<(i64, Time)> = Query::from("scheduler_task_runs")
        .filter("active = TRUE", ())
        .group("task_id")
        .select(cx.db, "task_id, min(create_time)")?;
    let begun: HashMap<i64, f64> = runs.into_iter().map(|(task, time)| (task, time.0)).collect();
    let by_id: HashMap<i64, &HostRow> = hosts.iter().map(|host| (host.id, host)).collect();
    let (now, config) = (cx.now().0, &cx.env.config);
    let limits =
        Limits { assign_s: config.int("AssignTimeout") as f64, host_s: config.int("HostTimeout") as f64 };
    let mut troubles = Vec::new();
    for task in tasks {
        let host = task.host_id.and_then(|host| by_id.get(&host).copied());
        let trouble = match (task.host_id, host, begun.get(&task.id)) {
            (None, _, _) => Some(Trouble::NoHost),
            // A task without a run was given by hand, and one of a disabled host is left to it.
            (_, Some(host), Some(run)) => trouble(task, host, *run, now, &limits)?,
            _ => None,
        };
        troubles.extend(trouble.map(|trouble| (task, trouble)));
    }
    free(cx, &troubles)?;
    learned::learn(cx, &load::peaks(hosts))?;
    Update::table("scheduler_task_runs")
        .set("active", false)
        .filter("active = TRUE AND task_id NOT IN (SELECT id FROM task WHERE state IN (1, 4))", ())
        .execute(cx.db)
        .map(drop)
}

struct Limits {
    assign_s: f64,
    host_s: f64,
}

fn trouble(
    task: &ActiveTask,
    host: &HostRow,
    run: f64,
    now: f64,
    limits: &Limits,
) -> Result<Option<Trouble>> {
    Ok(match TaskState::from_number(task.state)? {
        TaskState::Assigned if now - run > limits.assign_s => {
            let heard_since = host.update_ts.is_some_and(|update| update > run);
            Some(if heard_since { Trouble::Ignored } else { Trouble::NotBegun })
        }
        TaskState::Open if now - host.update_ts.unwrap_or(run) > limits.host_s => Some(Trouble::Silent),
        _ => None,
    })
}

fn free(cx: &mut Cx<'_>, troubles: &[(&ActiveTask, Trouble)]) -> Result<()> {
    if troubles.is_empty() {
        return Ok(());
    }
    let refusals: Vec<Refusal> = troubles
        .iter()
        .filter(|(_, trouble)| *trouble == Trouble::Ignored)
        .map(|(task, _)| Refusal {
            task_id: task.id,
            host_id: task.host_id.unwrap_or_default(),
            soft: true,
            by_host: false,
            msg: "assignment timeout".into(),
        })
        .collect();
    refusal::add(cx, &refusals)?;
    let notes: Vec<Note> = troubles
        .iter()
        .map(|(task, trouble)| {
            let msg = match trouble {
                Trouble::NoHost => "Active task with no host",
                Trouble::Ignored | Trouble::NotBegun => "Task assignment timeout",
                Trouble::Silent => "Freeing task from unresponsive host",
            };
            Note { msg: msg.into(), task_id: Some(task.id), host_id: task.host_id }
        })
        .collect();
    log::add(cx, &notes)?;
    let ids: Vec<i64> = troubles.iter().map(|(task, _)| task.id).collect();
    let tasks = change::held(cx, &ids)?;
    let unfinished: Vec<_> = tasks.into_iter().filter(|task| !task.state.is_finished()).collect();
    change::apply(cx, &unfinished, TaskEvent::Free).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(state: TaskState, update: Option<f64>, run: f64) -> Option<Trouble> {
        let host = HostRow {
            id: 1,
            name: "b".into(),
            update_ts: update,
            ready: true,
            arches: None,
            capacity: 2.0,
            data: None,
        };
        let task = ActiveTask {
            id: 9,
            state: state.number().into(),
            host_id: Some(1),
            waiting: None,
            weight: 1.0,
            owner: 1,
            start_ts: None,
            method: None,
        };
        trouble(&task, &host, run, 1000.0, &Limits { assign_s: 300.0, host_s: 900.0 }).unwrap()
    }

    #[test]
    fn hosts_have_time_to_begin() {
        assert_eq!(of(TaskState::Assigned, Some(990.0), 800.0), None);
        assert_eq!(of(TaskState::Assigned, Some(990.0), 600.0), Some(Trouble::Ignored));
        assert_eq!(of(TaskState::Assigned, Some(500.0), 600.0), Some(Trouble::NotBegun));
        assert_eq!(of(TaskState::Assigned, None, 600.0), Some(Trouble::NotBegun));
    }

    #[test]
    fn silent_hosts_lose_their_tasks() {
        assert_eq!(of(TaskState::Open, Some(200.0), 10.0), None);
        assert_eq!(of(TaskState::Open, Some(50.0), 10.0), Some(Trouble::Silent));
        assert_eq!(of(TaskState::Open, None, 10.0), Some(Trouble::Silent));
    }
}
