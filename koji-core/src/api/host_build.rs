//! What builders call to begin and end rpm builds.

use super::args::Arg;
use super::build::{epoch, part};
use super::cast::IntLike;
use super::later::Later;
use crate::build::complete::{self, Ending};
use crate::build::create::{self, NewBuild};
use crate::build::outcome::Outcome;
use crate::build::state::BuildState;
use crate::build::{BuildRow, btype, scratch};
use crate::context::Cx;
use crate::db::Time;
use crate::methods;
use crate::nvr::Nvr;
use crate::task::owner;
use crate::wire::{self, Map, Value};
use crate::{Error, Result};

methods! {
    /// Makes the entry of an rpm build that begins.
    write Host => HostInitBuild "host.initBuild" (data: Map) -> i32
        = |m, cx| {
            let task = m.data.iter().find(|(key, _)| key == "task_id").map(|(_, id)| id.clone());
            let task = task.ok_or_else(|| Error::unforeseen("a build needs the id of its task"))?;
            let task = IntLike::take(task)?.0;
            let new = begun(cx, &m.data, task)?;
            let id = create::create(cx, &new)?;
            btype::add(cx, id, "rpm")?;
            Ok(id)
        };

    /// Imports what an rpm build has made; the build is complete.
    write Host => HostCompleteBuild "host.completeBuild"
        (task_id: IntLike, build_id: i64, #[checked] srpm: String, #[checked] rpms: Vec<String>, #[checked] brmap: Option<Map> = None,
         logs: Option<Map> = None) -> BuildRow
        = |m, cx| {
            let host = cx.require_host()?;
            owner::require(cx, m.task_id.0, host)?;
            let buildroots = m.brmap.unwrap_or_default().into_iter().map(|(path, id)| Ok((path, i32::take(id)?)));
            let ending =
                Ending { build: m.build_id, task: m.task_id.0, buildroots: buildroots.collect::<Result<_>>()? };
            complete::complete(cx, &ending, &outcome(m.srpm, m.rpms, m.logs)?)
        };

    /// Ends a build as failed.
    write Host => HostFailBuild "host.failBuild" (task_id: IntLike, build_id: i64) -> ()
        = |m, cx| {
            let host = cx.require_host()?;
            owner::require(cx, m.task_id.0, host)?;
            complete::fail(cx, m.task_id.0, m.build_id).map(drop)
        };

    /// Keeps what a scratch build has made, without importing it.
    write Host => HostMoveBuildToScratch "host.moveBuildToScratch"
        (task_id: IntLike, srpm: Later<String>, rpms: Later<Vec<String>>, logs: Option<Map> = None) -> ()
        = |m, cx| {
            let host = cx.require_host()?;
            owner::require(cx, m.task_id.0, host)?;
            let rpms = m.rpms.read("rpms")?;
            let srpm = m.srpm.sought().ok_or_else(|| Error::generic("No such file: the srpm is no path"))?;
            scratch::keep(cx, m.task_id.0, &outcome(srpm, rpms, m.logs)?)
        };
}

fn outcome(srpm: String, rpms: Vec<String>, logs: Option<Map>) -> Result<Outcome> {
    let logs = logs.unwrap_or_default().into_iter().map(|(dir, paths)| Ok((dir, Vec::take(paths)?)));
    Ok(Outcome { srpm, rpms, logs: logs.collect::<Result<_>>()? })
}

/// A build that the calling host begins for one of its tasks; the task's owner owns it.
pub(super) fn begun(cx: &mut Cx<'_>, data: &Map, task: i64) -> Result<NewBuild> {
    let host = cx.require_host()?;
    owner::require(cx, task, host)?;
    let owner = Some(owner::user(cx, task)?);
    let of = |key: &str| data.iter().find(|(name, _)| name == key).map(|(_, value)| value);
    if !of("name").is_some_and(Value::is_true) {
        return Err(Error::generic("No name or package id provided for build"));
    }
    for key in ["version", "release", "epoch"] {
        of(key).ok_or_else(|| Error::generic(format!("No {key} value for build")))?;
    }
    let nvr = Nvr {
        name: part(data, "name")?,
        version: part(data, "version")?,
        release: part(data, "release")?,
        epoch: String::new(),
    };
    let new = NewBuild {
        state: BuildState::Building,
        owner,
        task_id: Some(i32::try_from(task).map_err(|_| Error::generic(format!("No such task: {task}")))?),
        ..NewBuild::of(nvr, epoch(of("epoch").unwrap_or(&Value::Nil))?)
    };
    with_details(new, data)
}

/// A build with what else is said of it when it begins. State, owner and end are not the caller's to say.
pub(super) fn with_details(new: NewBuild, data: &Map) -> Result<NewBuild> {
    let of = |key: &str| data.iter().find(|(name, _)| name == key).map(|(_, value)| value);
    let start_time = match of("start_time") {
        None => None,
        Some(Value::String(text)) if text.eq_ignore_ascii_case("now") => None,
        Some(Value::String(text)) => Some(Time::parse(text)?),
        Some(other) => return Err(Error::unforeseen(format!("start_time is a date, not {}", other.kind()))),
    };
    let extra = of("extra").filter(|extra| !extra.is_nil()).cloned();
    Ok(NewBuild {
        draft: of("draft").is_some_and(Value::is_true),
        volume_id: of("volume_id").map_or(Ok(new.volume_id), |id| i32::take(id.clone()))?,
        source: of("source").cloned().map(<Option<String> as Arg>::take).transpose()?.flatten(),
        extra: extra.map(wire::from_value).transpose()?,
        start_time,
        ..new
    })
}
