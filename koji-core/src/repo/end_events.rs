//! Notes for ready repositories at which event their tags changed: from then on they are not current.

use super::state::RepoState;
use crate::Result;
use crate::context::Cx;
use crate::db::bind::Each;
use crate::db::{Bind, Query, Update};
use crate::tag::change_events;

/// How many repositories one statement updates.
const BATCH: usize = 5_000;

/// Looks at all ready repositories that were current so far; how many are no longer.
pub fn update(cx: &mut Cx<'_>) -> Result<usize> {
    let current: Vec<(i32, i32, i32)> = Query::from("repo")
        .filter("end_event IS NULL AND state = ?", RepoState::Ready.number())
        .order("id")
        .select(cx.db, "id, tag_id, create_event")?;
    let wanted: Vec<(i32, i32)> = current.iter().map(|(_, tag, event)| (*tag, *event)).collect();
    let changed = change_events::first_after(cx, &wanted)?;
    let ended: Vec<(i32, i32)> =
        current.iter().zip(changed).filter_map(|((id, ..), event)| Some((*id, event?))).collect();
    for batch in ended.chunks(BATCH) {
        let cases = vec!["WHEN ? THEN ?"; batch.len()].join(" ");
        let binds: Vec<Bind> =
            batch.iter().flat_map(|(id, event)| [Bind::from(*id), Bind::from(*event)]).collect();
        let ids: Vec<i32> = batch.iter().map(|(id, _)| *id).collect();
        Update::table("repo")
            .set_raw(&format!("end_event = CASE id {cases} END"), Each(binds))
            .filter("id IN ?", ids)
            .execute(cx.db)?;
    }
    Ok(ended.len())
}
