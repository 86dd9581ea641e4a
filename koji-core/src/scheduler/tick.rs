//! One run of the scheduler: load, decide, apply. Runs never overlap.
//!
//! A whole run also looks after silent hosts and tasks that nobody begins with, and keeps notes of what waits. After a
//! change tasks are only handed out, which must be quick.

use std::collections::HashMap;

use super::load::{self, ActiveTask, HostRow};
use super::scene::{Host, Scene};
use super::{assign, fair, learned, pick, timeouts, waiting};
use crate::arch::NOARCH;
use crate::context::Cx;
use crate::db::{Bind, Insert, Query};
use crate::task::state::TaskState;
use crate::{Error, Fault, Result};

/// The row of `locks` that a run holds.
const LOCK: &str = "scheduler";

/// Waiting tasks that one run judges by their like; those behind them would not get a host anyway.
const MOST_ESTIMATES: usize = 200;
/// So many are judged for each place that a host has left, for not every task suits it.
const ESTIMATES_PER_PLACE: usize = 5;

/// Runs the scheduler. Nothing happens if it runs elsewhere or did so lately, unless forced to. Whether it ran.
pub fn run(cx: &mut Cx<'_>, force: bool) -> Result<bool> {
    if !lock(cx, force)? {
        return Ok(false);
    }
    if !force && !is_due(cx)? {
        return Ok(false);
    }
    load::forget_refusals(cx)?;
    let mut hosts = load::hosts(cx)?;
    let silent = timeouts::silence(cx, &mut hosts);
    timeouts::mark_silent(cx, silent)?;
    let active = load::active_tasks(cx)?;
    let plan = pick::pick(&scene(cx, &hosts, &active, Look::First)?);
    waiting::note(cx, &plan.waiting)?;
    assign::apply(cx, &plan.assigned)?;
    timeouts::check_active_tasks(cx, &hosts, &active)?;
    Ok(true)
}

/// Gives the tasks that wait to the hosts that have room, and does nothing else of a run. False if another run is under
/// way.
pub fn hand_out(cx: &mut Cx<'_>) -> Result<bool> {
    if !lock(cx, false)? {
        return Ok(false);
    }
    let (hosts, active) = heard_of(cx)?;
    let plan = pick::pick(&scene(cx, &hosts, &active, Look::Room)?);
    assign::apply(cx, &plan.assigned)?;
    Ok(true)
}

/// The enabled hosts, of which the silent ones are not ready, and what they have to do.
pub(super) fn heard_of(cx: &mut Cx<'_>) -> Result<(Vec<HostRow>, Vec<ActiveTask>)> {
    let mut hosts = load::hosts(cx)?;
    timeouts::silence(cx, &mut hosts);
    Ok((hosts, load::active_tasks(cx)?))
}

/// How much of what waits is looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Look {
    /// All, with what is known of each one's like
    All,
    /// All, with what is known of the like of the first ones, but not many more than can get a host now
    First,
    /// The same of tasks that hosts with room may do: most changes make room nowhere, or on one host
    Room,
}

/// All that is to be decided on.
pub(super) fn scene(cx: &mut Cx<'_>, hosts: &[HostRow], active: &[ActiveTask], look: Look) -> Result<Scene> {
    let hosts = load::for_decision(cx, hosts, active)?;
    let open: Vec<&Host> = hosts.iter().filter(|host| host.is_open()).collect();
    let places: i64 = open.iter().map(|host| host.max_jobs - host.tasks).sum();
    let tasks = match look {
        Look::Room => load::free_tasks_for(cx, &open, places)?,
        Look::All | Look::First => load::free_tasks(cx)?,
    };
    let mut tasks = fair::order(tasks, &load::owner_loads(active));
    let worth_it = usize::try_from(places).unwrap_or_default().saturating_mul(ESTIMATES_PER_PLACE);
    let estimates = if look == Look::All { usize::MAX } else { worth_it.min(MOST_ESTIMATES) };
    let first: Vec<i64> = tasks.iter().take(estimates).map(|task| task.id).collect();
    let estimates = learned::of_tasks(cx, &first)?;
    load::with_estimates(&mut tasks, &estimates);
    let refusals = if tasks.is_empty() { HashMap::new() } else { load::refusals(cx)? };
    Ok(Scene { hosts, tasks, refusals, overcommit: cx.env.config.int("CapacityOvercommit") as f64 })
}

/// Whether there is a task that nobody has.
pub fn is_needed(cx: &mut Cx<'_>) -> Result<bool> {
    Query::from("task").filter("state = ?", TaskState::Free.number()).exists(cx.db)
}

/// Whether there is such a task, and a host with room: only then a change of anything calls for handing out. On a farm
/// that is busy most changes don't, and to see that takes no write transaction.
pub fn is_hand_out_needed(cx: &mut Cx<'_>) -> Result<bool> {
    if !is_needed(cx)? {
        return Ok(false);
    }
    let (hosts, active) = heard_of(cx)?;
    Ok(load::for_decision(cx, &hosts, &active)?.iter().any(Host::is_open))
}

/// Whether there is a task that nobody has and that this host serves: whoever asks for tasks then wants a run.
pub(super) fn is_needed_for(cx: &mut Cx<'_>, host: i32) -> Result<bool> {
    let arches: Option<String> = Query::from("host_config")
        .filter("host_id = ? AND active = TRUE AND enabled = TRUE", host)
        .select_first::<Option<String>>(cx.db, "arches")?
        .flatten();
    let arches: Vec<String> =
        arches.iter().flat_map(|list| list.split_whitespace()).map(str::to_owned).collect();
    Query::from("task")
        .filter("state = ?", TaskState::Free.number())
        .filter(
            "channel_id IN (SELECT channel_id FROM host_channels WHERE active = TRUE AND host_id = ?)",
            host,
        )
        .filter("arch IN ?", [arches, vec![NOARCH.to_owned()]].concat())
        .exists(cx.db)
}

/// Takes the scheduler's lock until the transaction ends; false if somebody else has it and we don't wait.
pub(super) fn lock(cx: &mut Cx<'_>, wait: bool) -> Result<bool> {
    let row = Query::from("locks").filter("name = ?", LOCK);
    let locking = if wait { row.clone().for_update() } else { row.clone().for_update_or_skip() };
    if locking.select_first::<String>(cx.db, "name")?.is_some() {
        return Ok(true);
    }
    if !wait && row.exists(cx.db)? {
        return Ok(false);
    }
    Err(Error::new(Fault::Lock, format!("Lock not defined: {LOCK}")))
}

/// Whether the last run is long enough ago. If so, this one is the last from now on.
fn is_due(cx: &mut Cx<'_>) -> Result<bool> {
    let last: Option<serde_json::Value> =
        Query::from("scheduler_sys_data").filter("name = ?", "last_run_ts").select_first(cx.db, "data")?;
    let last = last.and_then(|data| data.as_f64()).unwrap_or_default();
    let now = cx.now().0;
    let since_s = now - last;
    if (0.0..cx.env.config.int("RunInterval") as f64).contains(&since_s) {
        return Ok(false);
    }
    Insert::into("scheduler_sys_data")
        .set("name", "last_run_ts")
        .set("data", Bind::Json(now.to_string()))
        .upsert(cx.db, "name", &["data"])?;
    if since_s < 0.0 {
        // The clock went back. The time is put right now, and the next run is on time.
        tracing::error!(since_s, "the scheduler's last run is in the future");
        return Ok(false);
    }
    Ok(true)
}
