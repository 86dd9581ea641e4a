//! What the scheduler has to know, in a few statements.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::Value as Json;

use super::estimate::Estimate;
use super::parts;
use super::scene::{Host, Task};
use crate::Result;
use crate::arch::NOARCH;
use crate::context::Cx;
use crate::db::bind::Binds;
use crate::db::{Delete, Query, Time};
use crate::row;

/// Free tasks that one run looks at.
const MOST_TASKS: i64 = 1000;
/// To fill places that came free, so many tasks of one user, channel, arch and priority are looked at, whatever the
/// places: refused ones may be among them, or such as are too heavy.
const SHARE: i64 = 20;
/// And so many more for each place.
const SHARE_PER_PLACE: i64 = 5;

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
        /// Who asked for it
        pub owner: i64 = "owner",
        /// When its host began with it
        pub start_ts: Option<f64> = "start_time",
        /// What is done
        pub method: Option<String> = "method",
    }
}

row! {
    /// A task that waits for a host.
    struct FreeTask {
        /// Its id
        pub id: i64 = "id",
        /// Its channel
        pub channel: i64 = "channel_id",
        /// The arch it needs
        pub arch: String = "arch",
        /// Its weight
        pub weight: f64 = "weight",
        /// Who asked for it
        pub owner: i64 = "owner",
        /// Its priority
        pub priority: i64 = "coalesce(priority, 0)",
        /// What is to be done
        pub method: Option<String> = "method",
        /// Whether it is part of another
        pub is_part: bool = "CASE WHEN parent IS NULL THEN FALSE ELSE TRUE END",
    }
}

impl FreeTask {
    fn into_task(self) -> Task {
        let leaves = parts::leaves(self.method.as_deref().unwrap_or_default(), self.is_part);
        let Self { id, channel, arch, weight, owner, priority, .. } = self;
        Task { id, channel, arch, weight, owner, priority, memory_mb: 0.0, duration_s: 0.0, leaves }
    }
}

row! {
    /// An enabled host.
    pub(super) struct HostRow {
        /// Its id
        pub id: i64 = "host.id",
        /// Its name
        pub name: String = "host.name",
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

impl HostRow {
    /// Something that the host told for the scheduler.
    pub(super) fn told(&self, key: &str) -> Option<&Json> {
        self.data.as_ref()?.get(key)
    }

    /// The most memory in MiB that its tasks took so far, by the tasks' ids, if it tells.
    fn peaks(&self) -> impl Iterator<Item = (i64, f64)> {
        let told = self.told("peaks_mb").and_then(Json::as_object);
        told.into_iter().flatten().filter_map(|(task, peak)| Some((task.parse().ok()?, peak.as_f64()?)))
    }
}

/// The same of all hosts.
pub(super) fn peaks(hosts: &[HostRow]) -> HashMap<i64, f64> {
    hosts.iter().flat_map(HostRow::peaks).collect()
}

/// Tasks that are assigned or open.
pub(super) fn active_tasks(cx: &mut Cx<'_>) -> Result<Vec<ActiveTask>> {
    Query::from("task").filter("state IN (1, 4)", ()).order("id").load(cx.db)
}

/// Free tasks in the order of asking: the smallest priority, then the oldest. When there are more than one run looks
/// at, each user has a share of them in each channel and arch.
pub(super) fn free_tasks(cx: &mut Cx<'_>) -> Result<Vec<Task>> {
    load_free(cx, free("", ()))
}

/// Those of them that some of the hosts may do, but not many more than there are places. Without hosts nothing is asked.
pub(super) fn free_tasks_for(cx: &mut Cx<'_>, hosts: &[&Host], places: i64) -> Result<Vec<Task>> {
    if hosts.is_empty() {
        return Ok(Vec::new());
    }
    let channels: BTreeSet<i64> = hosts.iter().flat_map(|host| host.channels.iter().copied()).collect();
    let own = hosts.iter().flat_map(|host| host.arches.iter().map(String::as_str));
    let arches: BTreeSet<&str> = own.chain([NOARCH]).collect();
    let channels: Vec<i64> = channels.into_iter().collect();
    let arches: Vec<String> = arches.into_iter().map(str::to_owned).collect();
    let free = free("AND channel_id IN ? AND arch IN ?", (channels, arches));
    load_free(cx, free.filter("turn <= ?", SHARE + SHARE_PER_PLACE * places))
}

/// Free tasks, each with its turn among those of one user, channel, arch and priority. Who asked first is told by the
/// number.
fn free(condition: &str, binds: impl Binds) -> Query {
    let ranked = format!(
        "(SELECT id, channel_id, arch, weight, owner, priority, method, parent, row_number() OVER (
            PARTITION BY priority, channel_id, owner, arch ORDER BY id
          ) AS turn FROM task WHERE state = 0 {condition}) AS free"
    );
    Query::from_with(&ranked, binds)
}

fn load_free(cx: &mut Cx<'_>, free: Query) -> Result<Vec<Task>> {
    let rows: Vec<FreeTask> =
        free.order("priority").order("turn").order("id").limit(MOST_TASKS).load(cx.db)?;
    let mut tasks: Vec<Task> = rows.into_iter().map(FreeTask::into_task).collect();
    tasks.sort_by_key(|task| (task.priority, task.id));
    Ok(tasks)
}

/// The weights that each user's tasks have on hosts.
pub(super) fn owner_loads(active: &[ActiveTask]) -> HashMap<i64, f64> {
    let mut loads = HashMap::new();
    for task in active.iter().filter(|task| task.waiting != Some(true)) {
        *loads.entry(task.owner).or_default() += task.weight;
    }
    loads
}

/// The tasks with what is known of their like. A task that has not begun weighs what it will weigh then.
pub(super) fn with_estimates(tasks: &mut [Task], estimates: &HashMap<i64, Estimate>) {
    for task in tasks {
        let Some(estimate) = estimates.get(&task.id) else { continue };
        task.weight = estimate.weight.map_or(task.weight, |weight| weight.max(task.weight));
        (task.memory_mb, task.duration_s) = (estimate.memory_mb, estimate.duration_s);
    }
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
    let mut work: HashMap<i64, (f64, i64, i64)> = HashMap::new();
    for task in active {
        let Some(host) = task.host_id else { continue };
        let (load, tasks, parents) = work.entry(host).or_default();
        *load += if task.waiting == Some(true) { 0.0 } else { task.weight };
        *tasks += 1;
        *parents += i64::from(task.method.as_deref().is_some_and(parts::makes));
    }
    let max_jobs = cx.env.config.int("MaxJobs");
    let own_max = |row: &HostRow| {
        row.told("maxjobs").and_then(Json::as_i64).filter(|jobs| *jobs != 0).unwrap_or(max_jobs)
    };
    let mut channels_of = |id| channels.remove(&id).unwrap_or_default();
    let host = |row: &HostRow| {
        let (load, tasks, parents) = work.get(&row.id).copied().unwrap_or_default();
        Host {
            id: row.id,
            channels: channels_of(row.id),
            arches: row.arches.iter().flat_map(|list| list.split_whitespace()).map(str::to_owned).collect(),
            capacity: row.capacity,
            ready: row.ready,
            max_jobs: own_max(row),
            load,
            tasks,
            parents,
            memory_mb: row.told("memory_free_mb").and_then(Json::as_f64),
        }
    };
    Ok(rows.iter().map(host).collect())
}

/// The refusals that hold, as hosts by task.
pub(super) fn refusals(cx: &mut Cx<'_>) -> Result<HashMap<i64, HashSet<i64>>> {
    let cutoff = refusal_cutoff(cx);
    let rows: Vec<(i64, i64)> = Query::from("scheduler_task_refusals")
        .filter("soft = FALSE OR time >= ?", cutoff)
        .select(cx.db, "task_id, host_id")?;
    let mut refusals: HashMap<i64, HashSet<i64>> = HashMap::new();
    for (task, host) in rows {
        refusals.entry(task).or_default().insert(host);
    }
    Ok(refusals)
}

/// Why hosts have refused a task, by host.
pub(super) fn refusals_of(cx: &mut Cx<'_>, task: i64) -> Result<HashMap<i64, String>> {
    let cutoff = refusal_cutoff(cx);
    let rows: Vec<(i64, Option<String>)> = Query::from("scheduler_task_refusals")
        .filter("task_id = ?", task)
        .filter("soft = FALSE OR time >= ?", cutoff)
        .select(cx.db, "host_id, msg")?;
    Ok(rows.into_iter().map(|(host, words)| (host, words.unwrap_or_default())).collect())
}

/// Refusals that have expired, and those of ended tasks, go.
pub(super) fn forget_refusals(cx: &mut Cx<'_>) -> Result<()> {
    let cutoff = refusal_cutoff(cx);
    Delete::from("scheduler_task_refusals")
        .filter(
            "(soft = TRUE AND time < ?) OR task_id IN (SELECT id FROM task WHERE state IN (2, 3, 5))",
            cutoff,
        )
        .execute(cx.db)
        .map(drop)
}

/// Soft refusals from before have expired.
fn refusal_cutoff(cx: &Cx<'_>) -> Time {
    Time(cx.now().0 - cx.env.config.int("SoftRefusalTimeout") as f64)
}
