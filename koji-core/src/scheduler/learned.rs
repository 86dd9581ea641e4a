//! What was learned of tasks: how long the last runs of each kind took and how much memory.
//!
//! It is kept in `scheduler_sys_data`, a row for each kind, where Koji keeps the time of its scheduler's last run. A
//! package of which nothing is kept is looked up once in the builds that there were.

use std::collections::{HashMap, HashSet};

use super::estimate::{self, Estimate, Kind, Runs};
use crate::Result;
use crate::build::state::BuildState;
use crate::context::Cx;
use crate::db::{Bind, Insert, Query};
use crate::task::state::TaskState;
use crate::task::stored;

/// Builds of a package that are looked at when nothing is kept of it.
const MOST_BUILDS: i64 = 9;

/// What these tasks will take, as far as it can be told.
pub(super) fn of_tasks(cx: &mut Cx<'_>, ids: &[i64]) -> Result<HashMap<i64, Estimate>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let kinds = kinds(cx, &Query::from("task").filter("task.id IN ?", ids))?;
    let mut runs = kept(cx, kinds.values())?;
    let unknown: Vec<&Kind> =
        kinds.values().filter(|kind| kind.package().is_some() && !runs.contains_key(&kind.key())).collect();
    let earlier = of_builds(cx, &unknown)?;
    for kind in unknown {
        let of_package = kind.package().and_then(|package| earlier.get(package));
        runs.extend(of_package.map(|of_package| (kind.key(), of_package.clone())));
    }
    Ok(kinds.iter().map(|(id, kind)| (*id, estimate::estimate(kind, runs.get(&kind.key())))).collect())
}

/// Learns from the tasks that ended since the last look, before their runs are noted as ended. `peaks` has what the
/// builders told of their memory.
pub(super) fn learn(cx: &mut Cx<'_>, peaks: &HashMap<i64, f64>) -> Result<()> {
    let ended = Query::from("task")
        .filter("task.id IN (SELECT task_id FROM scheduler_task_runs WHERE active = TRUE)", ())
        .filter("task.state = ? AND task.start_time IS NOT NULL", TaskState::Closed.number());
    let times: Vec<(i64, f64, f64)> = ended.select(cx.db, "id, start_time, completion_time")?;
    if times.is_empty() {
        return Ok(());
    }
    let kinds = kinds(cx, &ended)?;
    let mut runs = kept(cx, kinds.values())?;
    let mut changed = HashSet::new();
    for (id, begun, done) in times {
        let Some(kind) = kinds.get(&id) else { continue };
        runs.entry(kind.key()).or_default().add(done - begun, peaks.get(&id).copied());
        changed.insert(kind.key());
    }
    let rows = runs.iter().filter(|(key, _)| changed.contains(*key));
    let rows =
        rows.map(|(key, runs)| Ok(vec![key.as_str().into(), Bind::Json(serde_json::to_string(runs)?)]));
    let rows = rows.collect::<Result<Vec<_>>>()?;
    Insert::many_upsert(cx.db, "scheduler_sys_data", &["name", "data"], rows, "name")
}

/// The kinds of tasks, by their ids.
fn kinds(cx: &mut Cx<'_>, tasks: &Query) -> Result<HashMap<i64, Kind>> {
    let rows: Vec<(i64, Option<String>, String, Option<String>)> =
        tasks.select(cx.db, "task.id, task.method, task.arch, task.request")?;
    let kind = |(id, method, arch, request): (i64, Option<String>, String, Option<String>)| {
        let method = method.unwrap_or_default();
        let request = request.filter(|_| estimate::is_of_package(&method));
        // A request that nobody can read is of no package.
        let request = request.and_then(|text| stored::request(&text).ok()).unwrap_or_default();
        (id, Kind::new(&method, &arch, &request))
    };
    Ok(rows.into_iter().map(kind).collect())
}

/// The runs that are kept of these kinds, by their keys.
fn kept<'k>(cx: &mut Cx<'_>, kinds: impl Iterator<Item = &'k Kind>) -> Result<HashMap<String, Runs>> {
    let keys: HashSet<String> = kinds.map(Kind::key).collect();
    let keys: Vec<String> = keys.into_iter().collect();
    let rows: Vec<(String, serde_json::Value)> =
        Query::from("scheduler_sys_data").filter("name IN ?", keys).select(cx.db, "name, data")?;
    rows.into_iter().map(|(key, data)| Ok((key, serde_json::from_value(data)?))).collect()
}

/// How long the last builds of packages took from their entry to their end, by the packages' names.
fn of_builds(cx: &mut Cx<'_>, kinds: &[&Kind]) -> Result<HashMap<String, Runs>> {
    let names: HashSet<&str> = kinds.iter().filter_map(|kind| kind.package()).collect();
    if names.is_empty() {
        return Ok(HashMap::new());
    }
    let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    let builds = Query::from("build")
        .join("package ON package.id = build.pkg_id")
        .filter("package.name IN ?", names)
        .filter("build.state = ? AND build.task_id IS NOT NULL", BuildState::Complete.number())
        .filter("build.start_time IS NOT NULL AND build.completion_time IS NOT NULL", ())
        .text(
            "package.name AS name, build.start_time AS begun, build.completion_time AS done, \
             row_number() OVER (PARTITION BY package.id ORDER BY build.id DESC) AS turn",
            cx.db.dialect(),
        );
    let rows: Vec<(String, f64, f64)> =
        Query::from_with(&format!("({}) AS builds", builds.sql), crate::db::bind::Each(builds.binds))
            .filter("turn <= ?", MOST_BUILDS)
            .order_desc("turn")
            .select(cx.db, "name, begun, done")?;
    let mut runs: HashMap<String, Runs> = HashMap::new();
    for (name, begun, done) in rows {
        runs.entry(name).or_default().add(done - begun, None);
    }
    Ok(runs)
}
