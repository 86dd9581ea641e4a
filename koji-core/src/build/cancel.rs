//! Calling builds off.

use super::state::BuildState;
use crate::Result;
use crate::context::Cx;
use crate::db::{Delete, Query, Update};

/// Calls off the builds that were under way in these tasks.
pub fn of_tasks(cx: &mut Cx<'_>, tasks: &[i64]) -> Result<()> {
    let builds: Vec<i64> = Query::from("build")
        .filter("task_id IN ? AND state = ?", (tasks, BuildState::Building.number()))
        .order("id")
        .for_update()
        .select(cx.db, "id")?;
    if builds.is_empty() {
        return Ok(());
    }
    super::hooks::states(cx, "preBuildStateChange", &builds, BuildState::Building, BuildState::Canceled)?;
    let now = cx.now();
    Update::table("build")
        .set("state", BuildState::Canceled.number())
        .set("completion_time", now)
        .filter("id IN ?", &builds[..])
        .execute(cx.db)?;
    Delete::from("build_reservations").filter("build_id IN ?", &builds[..]).execute(cx.db)?;
    super::hooks::states(cx, "postBuildStateChange", &builds, BuildState::Building, BuildState::Canceled)
}
