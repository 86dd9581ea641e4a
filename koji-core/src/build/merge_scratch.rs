//! `mergeScratch`: what a scratch build has for further arches becomes part of an existing build.

use std::collections::{BTreeMap, BTreeSet};

use super::logs;
use super::lookup::BuildRef;
use super::row::{self, BuildRow};
use super::state::BuildState;
use crate::context::Cx;
use crate::db::Query;
use crate::nvr::{Nvr, Nvra};
use crate::rpm::import::{self, NewRpm};
use crate::tag::updates::{self, TagUpdate};
use crate::task::output::{self, Listing};
use crate::task::row::{self as tasks, Requests, TaskInfo};
use crate::task::state::TaskState;
use crate::task::stored::Stored;
use crate::task::{family, kinds};
use crate::wire::{Map, Value};
use crate::{Error, Fault, Result};

/// What one part of a scratch build has.
struct Part {
    task: i64,
    arch: String,
    rpms: Vec<String>,
    logs: Vec<String>,
    buildroot: i32,
}

/// Imports the rpms of a finished scratch build into the build of the same source rpm; that build's id.
pub fn merge(cx: &mut Cx<'_>, task: i64) -> Result<i32> {
    let scratch = scratch_task(cx, task)?;
    let (srpm, parts) = parts(cx, task)?;
    let build = build(cx, &srpm)?;
    check_source(cx, &scratch, &build)?;
    check_arches(cx, task, &srpm, &parts, &build)?;
    let mut new = Vec::new();
    for part in &parts {
        let dir = cx.env.paths.task(part.task, None);
        for rpm in &part.rpms {
            let (file, buildroot) = (real(&dir.join(rpm))?, Some(part.buildroot));
            new.push(NewRpm { file, buildroot, ..NewRpm::default() });
        }
    }
    import::import(cx, &build, new)?;
    for part in &parts {
        let dir = cx.env.paths.task(part.task, None);
        for log in &part.logs {
            logs::import(cx, &build, &real(&dir.join(log))?, &part.arch)?;
        }
    }
    updates::note_build(cx, build.id, TagUpdate::Import)?;
    Ok(build.id)
}

fn refused(message: impl Into<String>) -> Error {
    Error::new(Fault::Import, message)
}

/// Scratch files are symlinks from the task's directory to where they are kept.
fn real(path: &std::path::Path) -> Result<std::path::PathBuf> {
    path.canonicalize().map_err(|error| Error::io(path, error))
}

/// The parameters of the scratch build.
fn scratch_task(cx: &mut Cx<'_>, id: i64) -> Result<Map> {
    let info =
        tasks::find(cx, id, Requests::Decoded)?.ok_or_else(|| refused(format!("No such task: {id}")))?;
    if info.task.state != i32::from(TaskState::Closed.number()) {
        return Err(refused(format!("task {id} did not complete successfully")));
    }
    if info.task.method.as_deref() != Some("build") {
        return Err(refused(format!("task {id} is not a build task")));
    }
    let params =
        params(&info).ok_or_else(|| refused(format!("task {id} has a request that can't be read")))?;
    let options = params.iter().find(|(name, _)| name == "opts").map(|(_, value)| value);
    if !options.and_then(|options| options.get("scratch")).is_some_and(Value::is_true) {
        return Err(refused(format!("task {id} is not a scratch build")));
    }
    Ok(params)
}

fn params(info: &TaskInfo) -> Option<Map> {
    let Some(Stored::Decoded(Value::Array(request))) = &info.request else { return None };
    kinds::params(info.task.method.as_deref()?, request)?.ok()
}

/// What the parts of the scratch build have, and the name of their source rpm.
fn parts(cx: &mut Cx<'_>, task: i64) -> Result<(String, Vec<Part>)> {
    let children = family::children(cx, task, Requests::Omit, false)?;
    let ids: Vec<i64> = children
        .iter()
        .filter(|info| info.task.method.as_deref() == Some("buildArch"))
        .map(|info| info.task.id.into())
        .collect();
    let buildroots: Vec<(i64, i32)> = Query::from("standard_buildroot")
        .filter("task_id IN ?", &ids[..])
        .group("task_id")
        .select(cx.db, "task_id, max(buildroot_id)")?;
    let buildroots: BTreeMap<i64, i32> = buildroots.into_iter().collect();
    let (mut srpm, mut parts) = (None, Vec::new());
    for id in ids {
        let Value::Array(files) = output::list(cx, id, Listing::default())? else { continue };
        let files: Vec<&str> = files.iter().filter_map(Value::as_str).collect();
        if let Some(part) = part(id, &files, &mut srpm, buildroots.get(&id).copied())? {
            parts.push(part);
        }
    }
    match (srpm, parts.is_empty()) {
        (Some(srpm), false) => Ok((srpm, parts)),
        _ => Err(refused(format!("nothing to do for task {task}"))),
    }
}

/// What one part has; None if it has no rpms of its own.
fn part(
    task: i64,
    files: &[&str],
    srpm: &mut Option<String>,
    buildroot: Option<i32>,
) -> Result<Option<Part>> {
    let (mut arches, mut rpms, mut logs) = (BTreeSet::new(), Vec::new(), Vec::new());
    for file in files {
        let name = file.rsplit('/').next().unwrap_or(file);
        if name.ends_with(".src.rpm") {
            let known = srpm.get_or_insert_with(|| name.to_owned());
            if known != name {
                return Err(refused(format!("task srpm names do not match: {known}, {name}")));
            }
        } else if name.ends_with(".rpm") && !name.ends_with(".noarch.rpm") {
            arches.insert(Nvra::parse(name)?.arch);
            rpms.push((*file).to_owned());
        } else if name.ends_with(".log") {
            logs.push((*file).to_owned());
        }
    }
    let Some(arch) = arches.pop_first() else { return Ok(None) };
    if let Some(other) = arches.pop_first() {
        return Err(refused(format!("multiple arches generated by task {task}: {arch}, {other}")));
    }
    if logs.is_empty() {
        return Err(refused(format!("task {task} is missing logs")));
    }
    let buildroot = buildroot.ok_or_else(|| refused(format!("no buildroot associated with task {task}")))?;
    Ok(Some(Part { task, arch, rpms, logs, buildroot }))
}

/// The build of a source rpm, which must be a complete one that a task has made.
fn build(cx: &mut Cx<'_>, srpm: &str) -> Result<BuildRow> {
    let Nvra { name, version, release, epoch, .. } = Nvra::parse(srpm)?;
    let nvr = Nvr { name, version, release, epoch };
    let build = row::find(cx, &BuildRef::Nvr(nvr.clone()))?
        .ok_or_else(|| refused(format!("no such build: {nvr}")))?;
    if build.draft {
        return Err(refused(format!("build to import is a draft build: {}", build.nvr)));
    }
    if build.build_state()? != BuildState::Complete {
        return Err(refused(format!("{} did not complete successfully", build.nvr)));
    }
    if build.task_id.is_none() {
        return Err(refused(format!("no task for {}", build.nvr)));
    }
    Ok(build)
}

/// Both must come from the same source, if it is one that has an address.
fn check_source(cx: &mut Cx<'_>, scratch: &Map, build: &BuildRow) -> Result<()> {
    let source = |params: &Map| {
        params.iter().find(|(name, _)| name == "src").and_then(|(_, value)| value.as_str().map(str::to_owned))
    };
    let Some(own) = source(scratch).filter(|own| own.contains("://")) else { return Ok(()) };
    let task = build.task_id.map(i64::from).unwrap_or_default();
    let other = params(&tasks::get(cx, task, Requests::Decoded)?).and_then(|params| source(&params));
    if other.as_ref() == Some(&own) {
        return Ok(());
    }
    let other = other.unwrap_or_default();
    Err(refused(format!("SCM URLs for the task and build do not match: {own}, {other}")))
}

/// The source rpms must have one name, and the arches must not overlap.
fn check_arches(cx: &mut Cx<'_>, task: i64, srpm: &str, parts: &[Part], build: &BuildRow) -> Result<()> {
    let rpms: Vec<(String, String)> = Query::from("rpminfo")
        .filter("build_id = ?", build.id)
        .select(cx.db, "arch, name || '-' || version || '-' || release")?;
    let mut arches = BTreeSet::new();
    for (arch, nvr) in rpms {
        match arch.as_str() {
            "src" if format!("{nvr}.src.rpm") != srpm => {
                return Err(refused(format!(
                    "task and build srpm names do not match: {srpm}, {nvr}.src.rpm"
                )));
            }
            "src" | "noarch" => {}
            _ => drop(arches.insert(arch)),
        }
    }
    if arches.is_empty() {
        return Err(refused(format!("no arch-specific rpms found for {}", build.nvr)));
    }
    let both: Vec<&str> =
        parts.iter().map(|part| part.arch.as_str()).filter(|arch| arches.contains(*arch)).collect();
    if both.is_empty() {
        return Ok(());
    }
    let (nvr, both) = (&build.nvr, both.join(", "));
    Err(refused(format!("task {task} and {nvr} produce rpms with the same arches: {both}")))
}
