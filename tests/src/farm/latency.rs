//! How long the scheduler took, from what it left in the database.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use koji_core::Result;
use koji_core::db::{Db, Query, Time};

/// Quantiles, in milliseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Latency {
    /// Half are below
    pub p50_ms: f64,
    /// 99 of 100 are below
    pub p99_ms: f64,
    /// The longest
    pub max_ms: f64,
    /// How many there are
    pub count: usize,
}

/// The value below which a share of a sorted list is.
pub(super) fn quantile<T: Copy>(sorted: &[T], share: f64) -> Option<T> {
    sorted.get(((sorted.len() as f64 * share) as usize).min(sorted.len().checked_sub(1)?)).copied()
}

/// How many tasks have not ended.
pub(super) fn unfinished(db: &Db) -> Result<i64> {
    db.read(|conn| Query::from("task").filter("state IN (0, 1, 4)", ()).count(conn))
}

/// A task's run on a host: the host, when it got the task, when the task was made and when it ended; whether it is a part.
type Run = (i64, Time, Time, Option<Time>, bool);

/// The latencies of parts: a part waits only for a place, of which each host has `places`; and how many tasks ended.
///
/// Parents are left out: they may have only some of the places, and wait for more than one to be free.
pub(super) fn measure(db: &Db, places: i64) -> Result<(Latency, usize)> {
    let runs: Vec<Run> = db.read(|conn| {
        Query::from("scheduler_task_runs AS run")
            .join("task ON task.id = run.task_id")
            .order("run.host_id")
            .order("run.create_time")
            .order("run.id")
            .select(
                conn,
                "run.host_id, run.create_time, task.create_time, task.completion_time, \
                 CASE WHEN task.parent IS NULL THEN FALSE ELSE TRUE END",
            )
    })?;
    let ended = runs.iter().filter(|(_, _, _, end, _)| end.is_some()).count();
    let mut hosts: BTreeMap<i64, Vec<Run>> = BTreeMap::new();
    for run in runs {
        hosts.entry(run.0).or_default().push(run);
    }
    let mut all: Vec<f64> = hosts.values().flat_map(|runs| of_host(runs, places)).collect();
    all.sort_by(f64::total_cmp);
    let at = |share| quantile(&all, share).unwrap_or_default();
    Ok((Latency { p50_ms: at(0.5), p99_ms: at(0.99), max_ms: at(1.0), count: all.len() }, ended))
}

/// Whoever gets a task gives it the place that has been free longest.
fn of_host(runs: &[Run], places: i64) -> Vec<f64> {
    let micros = |time: Time| (time.0 * 1e6) as i64;
    let mut free: BinaryHeap<Reverse<i64>> = (0..places).map(|_| Reverse(0)).collect();
    let mut ends: BinaryHeap<Reverse<i64>> = BinaryHeap::new();
    let mut latencies = Vec::new();
    for (_, given, made, end, is_part) in runs {
        while let Some(Reverse(end)) = ends.peek().copied().filter(|Reverse(end)| *end <= micros(*given)) {
            ends.pop();
            free.push(Reverse(end));
        }
        let Reverse(since) = free.pop().unwrap_or(Reverse(micros(*given)));
        ends.extend(end.map(|end| Reverse(micros(end))));
        if *is_part {
            latencies.push((micros(*given) - since.max(micros(*made))) as f64 / 1000.0);
        }
    }
    latencies
}
