//! Making a builder's buildroot, and its way through its states.

use super::row::{self, BuildrootRow};
use super::state::{self, BuildrootState};
use crate::arch::{self, Separators};
use crate::context::Cx;
use crate::db::{Insert, Query, Update};
use crate::numbered::Step;
use crate::task::owner;
use crate::{Error, Result};

/// The kind of buildroots that builders make.
pub const STANDARD: i32 = 0;
/// The kind of buildroots that content generators bring.
pub const EXTERNAL: i32 = 1;

/// Makes a buildroot of a host for one of its tasks; its id. Its repository and its arch, which may be none, are asked once
/// the task is found to be the host's.
pub fn make(
    cx: &mut Cx<'_>,
    of: impl FnOnce() -> Result<(i64, Option<String>)>,
    task: Option<i64>,
) -> Result<i32> {
    let host = cx.require_host()?;
    let task = task.ok_or_else(|| Error::unforeseen("a buildroot needs a task"))?;
    owner::require(cx, task, host)?;
    let (repo, arch) = of()?;
    let arch = arch::normalize(&arch.unwrap_or_default(), Separators::Strict)?;
    let event = cx.event()?;
    let id: i32 = Insert::into("buildroot")
        .set("container_arch", arch)
        .set("container_type", "chroot")
        .set("br_type", STANDARD)
        .returning(cx.db, "id")?;
    Insert::into("standard_buildroot")
        .set("buildroot_id", id)
        .set("host_id", host)
        .set("repo_id", repo)
        .set("task_id", task)
        .set("state", BuildrootState::Init.number())
        .set("create_event", event)
        .execute(cx.db)?;
    Ok(id)
}

/// A buildroot that the calling host has, for a task if one is named.
pub fn own(cx: &mut Cx<'_>, id: i64, task: Option<i64>) -> Result<BuildrootRow> {
    let host = cx.require_host()?;
    if let Some(task) = task {
        owner::require(cx, task, host)?;
    }
    let buildroot = row::get(cx, id)?;
    if buildroot.br_type != STANDARD {
        return Err(Error::generic(format!("Not a standard buildroot: {id}")));
    }
    if buildroot.host_id != Some(host) {
        return Err(Error::not_allowed(format!("Host {host} not owner of buildroot {id}")));
    }
    if task.is_some_and(|task| buildroot.task_id.map(i64::from) != Some(task)) {
        return Err(Error::not_allowed(format!(
            "Task {} does not have lock on buildroot {id}",
            task.unwrap_or_default()
        )));
    }
    Ok(buildroot)
}

/// Gives a buildroot another state. The row is locked until the call ends.
pub fn set_state(cx: &mut Cx<'_>, buildroot: &BuildrootRow, wanted: BuildrootState) -> Result<()> {
    let id = buildroot.id;
    let number: i64 = Query::from("standard_buildroot")
        .filter("buildroot_id = ?", id)
        .for_update()
        .select_first(cx.db, "state")?
        .ok_or_else(|| Error::generic(format!("Unable to get state for buildroot {id}")))?;
    let Step::To(new) = state::next(id.into(), BuildrootState::from_number(number)?, wanted)? else {
        return Ok(());
    };
    let mut update = Update::table("standard_buildroot").set("state", new.number());
    if new == BuildrootState::Expired {
        update = update.set("retire_event", cx.event()?);
    }
    update.filter("buildroot_id = ?", id).execute(cx.db).map(drop)
}

/// The buildroot must be in a state.
pub fn require_state(buildroot: &BuildrootRow, wanted: BuildrootState) -> Result<()> {
    if buildroot.br_type != STANDARD || buildroot.state == Some(wanted.number().into()) {
        return Ok(());
    }
    Err(Error::generic(format!(
        "buildroot {} in wrong state {:?}, not {wanted}",
        buildroot.id, buildroot.state
    )))
}
