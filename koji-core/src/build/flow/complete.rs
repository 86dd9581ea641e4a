//! The import of an rpm build that its task has built: all of its files at once, or nothing.

use std::path::Path;

use super::logs::Logs;
use super::{noarch, upload};
use crate::build::change;
use crate::build::row::{self, BuildRow};
use crate::build::state::BuildEvent;
use crate::build::BuildRef;
use crate::context::Cx;
use crate::db::Query;
use crate::nvr::draft_release;
use crate::rpm::file::RpmFile;
use crate::rpm::import::{self, Origin};
use crate::task::owner;
use crate::volume::{links, policy};
use crate::wire::{self, Map, Value};
use crate::{Error, Result, notification, plugin};

/// What a task has built.
#[derive(Clone, Debug)]
pub struct Built {
    /// The task
    pub task_id: i64,
    /// The build
    pub build_id: i64,
    /// The source rpm
    pub srpm: String,
    /// The other rpms; `noarch` ones of several arches may be there more than once.
    pub rpms: Vec<String>,
    /// The buildroots of rpms
    pub buildroots: Vec<(String, i64)>,
    /// The logs
    pub logs: Logs,
}

/// Imports what a task has built and completes the build.
pub fn rpm(cx: &mut Cx<'_>, host: i32, mut built: Built) -> Result<BuildRow> {
    owner::require(cx, built.task_id, host)?;
    hook(cx, "preImport", &built, None)?;
    let srpm = upload::path(cx, &built.srpm)?;
    for rpm in &built.rpms {
        upload::path(cx, rpm)?;
    }
    built.rpms = noarch::unique(cx, &built.rpms, &built.logs)?;
    check_buildroots(cx, &built.buildroots)?;
    let source = RpmFile::open(&srpm).map_err(|error| Error::generic(error.message.clone()).caused_by(error))?;
    if !source.is_source() {
        return Err(Error::generic(format!("not a source package: {}", srpm.display())));
    }
    let build = row::get(cx, &BuildRef::Id(built.build_id))?;
    check_identity(&build, &source, built.task_id)?;
    let build = complete(cx, &build, &source, &built)?;
    for rpm in std::iter::once(&built.srpm).chain(&built.rpms) {
        let buildroot = built.buildroots.iter().find(|(path, _)| path == rpm).map(|(_, id)| *id);
        take_in(cx, &upload::path(cx, rpm)?, &build, buildroot)?;
    }
    let logs = cx.env.paths.build_logs(build.dir());
    built.logs.take_in(cx, &logs)?;
    links::to_build(&cx.env.paths, build.dir())?;
    hook(cx, "postImport", &built, Some(&build))?;
    notification::send::built(cx, built.task_id, build.id)?;
    Ok(build)
}

/// Imports one rpm into a build.
pub(super) fn take_in(cx: &mut Cx<'_>, rpm: &Path, build: &BuildRow, buildroot: Option<i64>) -> Result<()> {
    let narrow = |id: i64| i32::try_from(id).map_err(|_| Error::generic(format!("No such buildroot: {id}")));
    let buildroot = buildroot.map(narrow).transpose()?;
    let origin = Origin { build: Some(build.clone()), buildroot, ..Origin::default() };
    import::import(cx, rpm, origin).map(drop)
}

/// The volume is chosen and the state changed before the import, so that the files go to their place at once.
fn complete(cx: &mut Cx<'_>, build: &BuildRow, source: &RpmFile, built: &Built) -> Result<BuildRow> {
    let buildroots = built.buildroots.iter().map(|(_, id)| Value::from(*id)).collect();
    let data: Map = vec![
        ("package".to_owned(), source.name.as_str().into()),
        ("version".to_owned(), source.version.as_str().into()),
        ("release".to_owned(), source.release.as_str().into()),
        ("buildroots".to_owned(), Value::Array(buildroots)),
        ("import".to_owned(), true.into()),
        ("import_type".to_owned(), "rpm".into()),
    ];
    let volume = policy::for_import(cx, data, Some(built.task_id))?;
    change::apply(cx, build, BuildEvent::Complete, |update| update.set("volume_id", volume.id))?
        .ok_or_else(|| Error::generic(format!("Unable to complete build: {}", build.nvr)))
}

/// The source rpm must be that of the build, and the task that of the build.
fn check_identity(build: &BuildRow, source: &RpmFile, task: i64) -> Result<()> {
    let release = match build.draft {
        true => draft_release(&source.release, build.id.into()),
        false => source.release.clone(),
    };
    let same = |what: &str, of_build: String, of_rpm: String| {
        if of_build == of_rpm {
            return Ok(());
        }
        Err(Error::generic(format!(
            "Unable to complete build: {what} mismatch (build: {of_build}, rpm: {of_rpm})"
        )))
    };
    let number = |number: Option<i64>| number.map_or("None".to_owned(), |number| number.to_string());
    same("name", build.name.clone(), source.name.clone())?;
    same("version", build.version.clone(), source.version.clone())?;
    same("release", build.release.clone(), release)?;
    same("epoch", number(build.epoch), number(source.epoch))?;
    same("task_id", number(build.task_id.map(Into::into)), number(Some(task)))
}

/// All buildroots must be there.
fn check_buildroots(cx: &mut Cx<'_>, buildroots: &[(String, i64)]) -> Result<()> {
    let ids: Vec<i64> = buildroots.iter().map(|(_, id)| *id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let known: Vec<i64> = Query::from("buildroot").filter("id IN ?", &ids[..]).select(cx.db, "id")?;
    match ids.iter().find(|id| !known.contains(id)) {
        Some(missing) => Err(Error::generic(format!("Invalid buildroot ID: {missing}"))),
        None => Ok(()),
    }
}

fn hook(cx: &mut Cx<'_>, point: &str, built: &Built, build: Option<&BuildRow>) -> Result<()> {
    plugin::run(cx, point, |_| {
        let buildroots = built.buildroots.iter().map(|(path, id)| (path.clone(), Value::from(*id))).collect();
        let list = |paths: &[String]| Value::Array(paths.iter().map(|path| path.as_str().into()).collect());
        let logs = built.logs.0.iter().map(|(key, paths)| (key.clone(), list(paths))).collect();
        Ok(vec![
            ("type".into(), "build".into()),
            ("srpm".into(), built.srpm.as_str().into()),
            ("rpms".into(), list(&built.rpms)),
            ("brmap".into(), Value::Struct(buildroots)),
            ("task_id".into(), built.task_id.into()),
            ("build_id".into(), built.build_id.into()),
            ("build".into(), build.map(wire::to_value).transpose()?.into()),
            ("logs".into(), Value::Struct(logs)),
        ])
    })
}
