//! What the scheduler has to know, in a few statements.

use std::collections::{HashMap, HashSet};

use serde_json::Value as Json;

use super::pick::{Host, Task};
use crate::Result;
use crate::context::Cx;
use crate::db::{Delete, Query};
use crate::row;

/// Free tasks that one run looks at.
const MOST_TASKS: i64 = 1000;

row! {
    /// A task that a host has, or should have.
    pub(super) struct ActiveTask {
        /// Its id
        pub id: i64 = "id",
        /// Its state
        pub state: i64 = "state",
        /// Its host
        pub host_id: Option<i64> = "host_id",
        /// Whether it waits for parts of it
        pub waiting: Option<bool> = "waiting",
        /// Its weight
        pub weight: f64 = "weight",
    }
}

row! {
    /// An enabled host.
    pub(super) struct HostRow {
        /// Its id
        pub id: i64 = "host.id",
        /// When it reported last
        pub update_ts: Option<f64> = "host.update_time",
        /// Whether it says that it can take tasks
        pub ready: bool = "host.ready",
        /// Its arches
        pub arches: Option<String> = "host_config.arches",
        /// Its capacity
        pub capacity: f64 = "host_config.capacity",
        /// What it told for the scheduler
        pub data: Option<Json> = "scheduler_host_data.data",
    }
}

/// Tasks that are assigned or open.
pub(super) fn active_tasks(cx: &mut Cx<'_>) -> Result<Vec<ActiveTask>> {
    Query::from("task").filter("state IN (1, 4)", ()).order("id").load(cx.db)
}

/// Free tasks in the order in which they are served: the smallest priority, then the oldest.
pub(super) fn free_tasks(cx: &mut Cx<'_>) -> Result<Vec<Task>> {
    let rows: Vec<(i64, i64, String, f64)> = Query::from("task")
        .filter("state = 0", ())
        .order("priority")
        .order("create_time")
        .order("id")
        .limit(MOST_TASKS)
        .select(cx.db, "id, channel_id, arch, weight")?;
    Ok(rows.into_iter().map(|(id, channel, arch, weight)| Task { id, channel, arch, weight }).collect())
}

/// The enabled hosts.
pub(super) fn hosts(cx: &mut Cx<'_>) -> Result<Vec<HostRow>> {
    Query::from("host")
        .join("host_config ON host_config.host_id = host.id")
        .left_join("scheduler_host_data ON scheduler_host_data.host_id = host.id")
        .filter("host_config.active = TRUE AND host_config.enabled = TRUE", ())
        .order("host.id")
        .load(cx.db)
}

/// The hosts as the decision sees them, with what they have to do.
pub(super) fn for_decision(cx: &mut Cx<'_>, rows: &[HostRow], active: &[ActiveTask]) -> Result<Vec<Host>> {
    let mut channels: HashMap<i64, Vec<i64>> = HashMap::new();
    let served: Vec<(i64, i64)> = Query::from("host_channels")
        .join("channels ON channels.id = host_channels.channel_id")
        .filter("host_channels.active = TRUE AND channels.enabled = TRUE", ())
        .select(cx.db, "host_channels.host_id, host_channels.channel_id")?;
    for (host, channel) in served {
        channels.entry(host).or_default().push(channel);
    }
    let mut work: HashMap<i64, (f64, i64)> = HashMap::new();
    for task in active {
        let Some(host) = task.host_id else { continue };
        let (load, tasks) = work.entry(host).or_default();
        *load += if task.waiting == Some(true) { 0.0 } else { task.weight };
        *tasks += 1;
    }
    let max_jobs = cx.env.config.int("MaxJobs");
    let own_max = |row: &HostRow| {
        let told = row.data.as_ref().and_then(|data| data.get("maxjobs")).and_then(Json::as_i64);
        told.filter(|jobs| *jobs != 0).unwrap_or(max_jobs)
    };
    let mut channels_of = |id| channels.remove(&id).unwrap_or_default();
    let host = |row: &HostRow| {
        let (load, tasks) = work.get(&row.id).copied().unwrap_or_default();
        Host {
            id: row.id,
            channels: channels_of(row.id),
            arches: row.arches.iter().flat_map(|list| list.split_whitespace()).map(str::to_owned).collect(),
            capacity: row.capacity,
            ready: row.ready,
            max_jobs: own_max(row),
            load,
            tasks,
        }
    };
    Ok(rows.iter().map(host).collect())
}

/// The refusals that hold, as hosts by task. Those that have expired, and those of ended tasks, go.
pub(super) fn refusals(cx: &mut Cx<'_>) -> Result<HashMap<i64, HashSet<i64>>> {
    let cutoff = cx.now().0 - cx.env.config.int("SoftRefusalTimeout") as f64;
    Delete::from("scheduler_task_refusals")
        .filter(
            "(soft = TRUE AND time < ?) OR task_id IN (SELECT id FROM task WHERE state IN (2, 3, 5))",
            crate::db::Time(cutoff),
        )
        .execute(cx.db)?;
    let rows: Vec<(i64, i64)> = Query::from("scheduler_task_refusals").select(cx.db, "task_id, host_id")?;
    let mut refusals: HashMap<i64, HashSet<i64>> = HashMap::new();
    for (task, host) in rows {
        refusals.entry(task).or_default().insert(host);
    }
    Ok(refusals)
}
