//! The end of a build: its files are imported, or it has failed.

use std::collections::BTreeSet;

use super::files;
use super::lookup::BuildRef;
use super::outcome::Outcome;
use super::row::{self, BuildRow};
use super::state::{BuildEvent, BuildState};
use super::{change, logs};
use crate::context::Cx;
use crate::nvr::draft_release;
use crate::rpm::RpmFile;
use crate::rpm::import::{self, NewRpm};
use crate::volume::{self, links};
use crate::wire::{self, Map, Value};
use crate::{Error, Result, buildroot, notification, plugin};

/// Which build a task completes, and which of its rpms were built in which buildroot.
#[derive(Clone, Debug)]
pub struct Ending {
    /// The build
    pub build: i64,
    /// The task
    pub task: i64,
    /// Buildroots by the rpms' relative paths
    pub buildroots: Vec<(String, i32)>,
}

/// Imports what the task of an rpm build has made. The build is complete when the call is committed.
pub fn complete(cx: &mut Cx<'_>, ending: &Ending, outcome: &Outcome) -> Result<BuildRow> {
    hook(cx, "preImport", (ending, outcome), None)?;
    let packages = outcome.packages(cx)?;
    let rooms: BTreeSet<i32> = ending.buildroots.iter().map(|(_, id)| *id).collect();
    buildroot::row::require(cx, &rooms)?;
    let build = row::get(cx, &BuildRef::Id(ending.build))?;
    check_source(cx, &build, ending.task, &outcome.srpm)?;
    if build.build_state()? != BuildState::Building {
        return Err(Error::generic(format!("Unable to complete build: state is {}", build.build_state()?)));
    }
    let data = policy_data(&build, &rooms);
    let volume = volume::policy::for_import(cx, data, Some(ending.task))?;
    let build = change::apply(cx, &build, BuildEvent::Complete, |update| update.set("volume_id", volume.id))?
        .ok_or_else(|| Error::generic(format!("Build {} can't be completed", build.nvr)))?;
    let new = packages.iter().map(|path| {
        let buildroot = ending.buildroots.iter().find(|(of, _)| of == path).map(|(_, id)| *id);
        Ok(NewRpm { file: files::uploaded(cx, path)?, buildroot, ..NewRpm::default() })
    });
    let new = new.collect::<Result<_>>()?;
    import::import(cx, &build, new)?;
    for (dir, paths) in &outcome.logs {
        for path in paths {
            let file = files::uploaded(cx, path)?;
            logs::import(cx, &build, &file, dir)?;
        }
    }
    links::of_call(cx, build.dir())?;
    hook(cx, "postImport", (ending, outcome), Some(&build))?;
    notification::send::built(cx, &[(ending.task, &build)])?;
    Ok(build)
}

/// Ends a build that is under way in a task as failed.
pub fn fail(cx: &mut Cx<'_>, task: i64, build: i64) -> Result<BuildRow> {
    let build = row::get(cx, &BuildRef::Id(build))?;
    let failed = change::apply(cx, &build, BuildEvent::Fail, |update| update)?
        .ok_or_else(|| Error::generic(format!("Build {} can't be failed", build.nvr)))?;
    notification::send::built(cx, &[(task, &failed)])?;
    Ok(failed)
}

/// The source rpm must be that of the build, and the task the build's.
fn check_source(cx: &mut Cx<'_>, build: &BuildRow, task: i64, srpm: &str) -> Result<()> {
    let file = files::uploaded(cx, srpm)?;
    let rpm = RpmFile::open(&file)?;
    if !rpm.is_source() {
        return Err(Error::generic(format!("not a source package: {}", file.display())));
    }
    let release =
        if build.draft { draft_release(&rpm.release, build.id.into()) } else { rpm.release.clone() };
    let mismatch = |key: &str, build: String, rpm: String| {
        Err(Error::generic(format!("Unable to complete build: {key} mismatch (build: {build}, rpm: {rpm})")))
    };
    for (key, own, of_rpm) in [
        ("name", &build.name, &rpm.name),
        ("version", &build.version, &rpm.version),
        ("release", &build.release, &release),
    ] {
        if own != of_rpm {
            return mismatch(key, own.clone(), of_rpm.clone());
        }
    }
    if build.epoch != rpm.epoch {
        return mismatch("epoch", format!("{:?}", build.epoch), format!("{:?}", rpm.epoch));
    }
    if build.task_id.map(i64::from) != Some(task) {
        return mismatch("task_id", format!("{:?}", build.task_id), task.to_string());
    }
    Ok(())
}

fn policy_data(build: &BuildRow, rooms: &BTreeSet<i32>) -> Map {
    vec![
        ("package".into(), Value::from(build.name.as_str())),
        ("version".into(), Value::from(build.version.as_str())),
        ("release".into(), Value::from(build.release.as_str())),
        ("buildroots".into(), Value::Array(rooms.iter().map(|room| Value::from(*room)).collect())),
        ("import".into(), Value::Bool(true)),
        ("import_type".into(), Value::from("rpm")),
    ]
}

fn hook(
    cx: &mut Cx<'_>,
    point: &str,
    (ending, outcome): (&Ending, &Outcome),
    build: Option<&BuildRow>,
) -> Result<()> {
    plugin::run(cx, point, |_| {
        let list = |paths: &[String]| Value::Array(paths.iter().map(|path| path.as_str().into()).collect());
        let rooms = ending.buildroots.iter().map(|(path, id)| (path.clone(), Value::from(*id)));
        let logs = outcome.logs.iter().map(|(dir, paths)| (dir.clone(), list(paths)));
        Ok(vec![
            ("type".into(), "build".into()),
            ("srpm".into(), outcome.srpm.as_str().into()),
            ("rpms".into(), list(&outcome.rpms)),
            ("brmap".into(), Value::Struct(rooms.collect())),
            ("task_id".into(), ending.task.into()),
            ("build_id".into(), ending.build.into()),
            ("build".into(), build.map(wire::to_value).transpose()?.unwrap_or_default()),
            ("logs".into(), Value::Struct(logs.collect())),
        ])
    })
}
