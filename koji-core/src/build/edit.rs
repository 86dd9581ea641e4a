//! Changing a build's owner and time.

use super::hooks::{Change, state_change};
use super::lookup::BuildRef;
use super::row;
use crate::context::Cx;
use crate::db::{Lookup, Time, Update};
use crate::{Result, user};

/// Gives a build to another user.
pub fn set_owner(cx: &mut Cx<'_>, build: &BuildRef, owner: &Lookup) -> Result<()> {
    let build = row::get(cx, build)?;
    let owner = user::lookup::get(cx, owner)?.id;
    let change = Change { attribute: "owner_id", old: build.owner_id.into(), new: owner.into() };
    state_change(cx, "preBuildStateChange", &change, &build)?;
    Update::table("build").set("owner", owner).filter("id = ?", build.id).execute(cx.db)?;
    state_change(cx, "postBuildStateChange", &change, &build)
}

/// Sets when a build was completed.
pub fn set_completion(cx: &mut Cx<'_>, build: &BuildRef, time: Time) -> Result<()> {
    let build = row::get(cx, build)?;
    let time = time.in_calendar()?;
    let change = Change { attribute: "completion_ts", old: build.completion_ts.into(), new: time.0.into() };
    state_change(cx, "preBuildStateChange", &change, &build)?;
    Update::table("build").set("completion_time", time).filter("id = ?", build.id).execute(cx.db)?;
    let now = row::get(cx, &BuildRef::from(build.id))?;
    state_change(cx, "postBuildStateChange", &change, &now)
}
