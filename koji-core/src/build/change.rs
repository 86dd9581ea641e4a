//! Changing a build's state: the only place that writes it, but for new entries.

use super::hooks::{Change, state_change};
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
    Ok(apply_all(cx, std::slice::from_ref(build), event, columns)?.pop())
}

/// The same for builds that are all in the same state: those that have another one then.
pub fn apply_all(
    cx: &mut Cx<'_>,
    builds: &[BuildRow],
    event: BuildEvent,
    columns: impl FnOnce(Update) -> Update,
) -> Result<Vec<BuildRow>> {
    let Some(first) = builds.first() else { return Ok(Vec::new()) };
    let old = first.build_state()?;
    if let Some(other) = builds.iter().find(|build| build.state != first.state) {
        return Err(Error::unforeseen(format!("{} and {} are in different states", first.nvr, other.nvr)));
    }
    // all are in one state, so that what becomes of the first becomes of each
    let Step::To(new) = state::next(&first.nvr, old, event)? else { return Ok(Vec::new()) };
    let change = Change { attribute: "state", old: old.number_value(), new: new.number_value() };
    builds.iter().try_for_each(|build| state_change(cx, "preBuildStateChange", &change, build))?;
    let mut update = columns(Update::table("build")).set("state", new.number());
    if old == BuildState::Building {
        update = update.set("completion_time", cx.now());
    }
    let ids: Vec<i32> = builds.iter().map(|build| build.id).collect();
    let changed = update.filter("id IN ?", &ids).filter("state = ?", old.number()).execute(cx.db)?;
    if changed != builds.len() {
        let nvrs: Vec<&str> = builds.iter().map(|build| build.nvr.as_str()).collect();
        return Err(Error::generic(format!(
            "Build {} has just been changed by another call",
            nvrs.join(", ")
        )));
    }
    let now: Vec<BuildRow> = row::query().filter("build.id IN ?", &ids).order("build.id").load(cx.db)?;
    now.iter().try_for_each(|build| state_change(cx, "postBuildStateChange", &change, build))?;
    Ok(now)
}
