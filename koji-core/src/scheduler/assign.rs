//! Giving tasks to hosts, and what a host learns of it.

use serde::Serialize;

use super::log::{self, Note};
use super::pick::Assignment;
use super::tick;
use crate::context::Cx;
use crate::db::{Insert, Lookup, Query, Update};
use crate::host::{self, HostRow};
use crate::task::change;
use crate::task::row::{self, Requests};
use crate::{Result, channel};

crate::row! {
    /// A task that a host was given and has not begun with.
    pub struct AssignedTask {
        /// Its id
        pub id: i32 = "task.id",
        /// Its state
        pub state: i32 = "task.state",
        /// Its channel
        pub channel_id: i32 = "task.channel_id",
        /// The host
        pub host_id: Option<i32> = "task.host_id",
        /// The arch it needs
        pub arch: String = "task.arch",
        /// What is to be done
        pub method: Option<String> = "task.method",
        /// Its priority
        pub priority: Option<i32> = "task.priority",
        /// When it was made, in seconds since the epoch
        pub create_ts: f64 = "task.create_time",
    }
}

/// A host with the channels that it serves.
#[derive(Clone, Debug, Serialize)]
pub struct HostWithChannels {
    #[serde(flatten)]
    host: HostRow,
    channels: Vec<i32>,
}

/// What a host needs to choose among its tasks.
#[derive(Clone, Debug, Serialize)]
pub struct LoadData(Vec<HostWithChannels>, Vec<AssignedTask>);

/// What was decided becomes true, as far as no task has found another host or end since.
pub(super) fn apply(cx: &mut Cx<'_>, plan: &[Assignment]) -> Result<()> {
    let pairs: Vec<(i64, i64)> = plan.iter().map(|one| (one.task, one.host)).collect();
    for one in plan {
        tracing::debug!(
            task = one.task,
            host = one.host,
            rank = one.rank,
            options = one.options,
            "a task got a host"
        );
    }
    let done = give(cx, &pairs, false)?;
    let notes: Vec<Note> = pairs
        .iter()
        .map(|(task, host)| {
            let worked = done.iter().any(|(id, _)| id == task);
            Note::new(if worked { "Assigning task" } else { "Assignment failed" }, *task, *host)
        })
        .collect();
    log::add(cx, &notes)?;
    start_runs(cx, &done)
}

/// An admin gives a task to a host. `by_override` leaves no run, so that the scheduler leaves the task alone.
pub fn by_hand(cx: &mut Cx<'_>, task: i64, to: &Lookup, force: bool, by_override: bool) -> Result<bool> {
    let host = host::get(cx, to)?;
    cx.require_perm("admin")?;
    row::get(cx, task, Requests::Omit)?;
    tick::lock(cx, true)?;
    let done = give(cx, &[(task, host.id.into())], force)?;
    let msg = match (done.is_empty(), by_override) {
        (true, _) => "Assignment failed",
        (false, true) => "Assigning task (override)",
        (false, false) => "Assigning task",
    };
    log::add(cx, &[Note::new(msg, task, host.id.into())])?;
    if !by_override {
        start_runs(cx, &done)?;
    }
    Ok(!done.is_empty())
}

/// Gives tasks to hosts and ends their earlier runs.
fn give(cx: &mut Cx<'_>, pairs: &[(i64, i64)], force: bool) -> Result<Vec<(i64, i64)>> {
    let done = change::assign(cx, pairs, force)?;
    let ids: Vec<i64> = done.iter().map(|(task, _)| *task).collect();
    if !ids.is_empty() {
        Update::table("scheduler_task_runs")
            .set("active", false)
            .filter("active = TRUE AND task_id IN ?", ids)
            .execute(cx.db)?;
    }
    Ok(done)
}

fn start_runs(cx: &mut Cx<'_>, pairs: &[(i64, i64)]) -> Result<()> {
    let now = cx.now();
    let rows = pairs.iter().map(|(task, host)| vec![(*task).into(), (*host).into(), now.into()]).collect();
    Insert::many(cx.db, "scheduler_task_runs", &["task_id", "host_id", "create_time"], rows)
}

/// The tasks that a host was given and has not begun with, the most urgent first.
pub fn to_host(cx: &mut Cx<'_>, host: i32) -> Result<Vec<AssignedTask>> {
    Query::from("task")
        .filter("task.host_id = ? AND task.state = 4", host)
        .order("task.priority")
        .order("task.create_time")
        .load(cx.db)
}

/// The same; the scheduler is asked for some if there are none.
pub fn to_host_or_schedule(cx: &mut Cx<'_>, host: i32) -> Result<Vec<AssignedTask>> {
    let tasks = to_host(cx, host)?;
    if !tasks.is_empty() {
        return Ok(tasks);
    }
    // The hub's own look may be under way only: whoever asks while a task waits for a ready host need not.
    let ran = tick::run(cx, false)? || tick::is_needed_for(cx, host)? && tick::hand_out(cx)?;
    if ran { to_host(cx, host) } else { Ok(tasks) }
}

/// A host with its channels and tasks, for builders that choose for themselves.
pub fn load_data(cx: &mut Cx<'_>, host: i32) -> Result<LoadData> {
    let row = host::get(cx, &host.into())?;
    let channels = channel::list(cx, Some(&host.into()), None, None)?;
    let channels = channels.into_iter().map(|channel| channel.id).collect();
    let tasks = to_host_or_schedule(cx, host)?;
    Ok(LoadData(vec![HostWithChannels { host: row, channels }], tasks))
}
