//! Calling builds off.

use super::change;
use super::lookup::BuildRef;
use super::row::{self, BuildRow};
use super::state::{BuildEvent, BuildState};
use crate::context::Cx;
use crate::db::Delete;
use crate::{Error, Result, notification};

/// `cancelBuild`: calls off a build that is under way, with its task. The owner may, and admins. Whether it was.
pub fn request(cx: &mut Cx<'_>, build: &BuildRef, strict: bool) -> Result<bool> {
    let user = cx.user_id()?;
    let Some(build) = row::find_or_fail(cx, build, strict)? else { return Ok(false) };
    if build.owner_id != user && !cx.has_perm("admin")? {
        return Err(Error::not_allowed("Cannot cancel build, not owner"));
    }
    let Some(task) = build.task_id.filter(|_| build.state == BuildState::Building as i32) else {
        return all(cx, &[build]);
    };
    // The task takes its builds with it, but only if it is not finished itself.
    crate::task::cancel::cancel_full(cx, task.into(), false)?;
    match row::find(cx, &BuildRef::from(build.id))? {
        Some(now) if now.state == BuildState::Building as i32 => all(cx, &[now]),
        _ => Ok(true),
    }
}

/// Calls off the builds that are under way in these tasks. The tasks are the caller's matter.
pub fn of_tasks(cx: &mut Cx<'_>, tasks: &[i64]) -> Result<()> {
    let building = BuildState::Building.number();
    let builds: Vec<BuildRow> = row::query()
        .filter("build.task_id IN ?", tasks)
        .filter("build.state = ?", building)
        .order("build.id")
        .load(cx.db)?;
    all(cx, &builds).map(drop)
}

/// Calls off builds of one state; whether any was.
fn all(cx: &mut Cx<'_>, builds: &[BuildRow]) -> Result<bool> {
    let now = change::apply_all(cx, builds, BuildEvent::Cancel, |update| update)?;
    if now.is_empty() {
        return Ok(false);
    }
    let ids: Vec<i32> = now.iter().map(|build| build.id).collect();
    Delete::from("build_reservations").filter("build_id IN ?", ids).execute(cx.db)?;
    let of_tasks: Vec<(i64, &BuildRow)> =
        now.iter().filter_map(|build| Some((build.task_id?.into(), build))).collect();
    notification::send::built(cx, &of_tasks)?;
    Ok(true)
}
