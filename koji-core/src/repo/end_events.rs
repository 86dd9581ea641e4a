//! Notes for ready repositories at which event their tags changed: from then on they are not current.

use super::state::RepoState;
use crate::Result;
use crate::context::Cx;
use crate::db::{Query, Update};
use crate::tag::change_events;

/// Looks at all ready repositories that were current so far; how many are no longer.
pub fn update(cx: &mut Cx<'_>) -> Result<usize> {
    let current: Vec<(i32, i32, i32)> = Query::from("repo")
        .filter("end_event IS NULL AND state = ?", RepoState::Ready.number())
        .order("id")
        .select(cx.db, "id, tag_id, create_event")?;
    let wanted: Vec<(i32, i32)> = current.iter().map(|(_, tag, event)| (*tag, *event)).collect();
    let changed = change_events::first_after(cx, &wanted)?;
    let ended: Vec<(i64, i64)> = current
        .iter()
        .zip(changed)
        .filter_map(|((id, ..), event)| Some(((*id).into(), event?.into())))
        .collect();
    Update::table("repo").filter("end_event IS NULL", ()).each(cx.db, "id", "end_event", &ended)
}
