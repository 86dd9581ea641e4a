//! Changing a build's state: the only place that writes it, but for new entries.

use super::hooks::{Change, state_change};
use super::lookup::BuildRef;
use super::row::{self, BuildRow};
use super::state::{self, BuildEvent, BuildState};
use crate::context::Cx;
use crate::db::Update;
use crate::numbered::Step;
use crate::{Error, Result};

/// Lets something happen to a build, with the callbacks of plugins; other columns may change with the state.
/// The build as it is then, or none if its state stays.
pub fn apply(
    cx: &mut Cx<'_>,
    build: &BuildRow,
    event: BuildEvent,
    columns: impl FnOnce(Update) -> Update,
) -> Result<Option<BuildRow>> {
    let old = build.build_state()?;
    let Step::To(new) = state::next(&build.nvr, old, event)? else { return Ok(None) };
    let change = Change { attribute: "state", old: old.number_value(), new: new.number_value() };
    state_change(cx, "preBuildStateChange", &change, build)?;
    let mut update = columns(Update::table("build")).set("state", new.number());
    if old == BuildState::Building {
        update = update.set("completion_time", cx.now());
    }
    let changed = update.filter("id = ? AND state = ?", (build.id, old.number())).execute(cx.db)?;
    if changed == 0 {
        return Err(Error::generic(format!("Build {} has just been changed by another call", build.nvr)));
    }
    let now = row::get(cx, &BuildRef::from(build.id))?;
    state_change(cx, "postBuildStateChange", &change, &now)?;
    Ok(Some(now))
}
