//! Notes that the content of tags changed for a reason that leaves no other trace in the tag's history.

use crate::Result;
use crate::context::Cx;
use crate::db::{Bind, Insert, Query};

/// Why a tag's content changed. The numbers are Koji's `TAG_UPDATE_TYPES`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum TagUpdate {
    /// A build moved to another volume
    VolumeChange = 0,
    /// A build got content
    Import = 1,
    /// By hand
    Manual = 2,
    /// A draft build became a regular one
    DraftPromotion = 3,
}

/// Notes it for every tag that a build is in.
pub fn note_build(cx: &mut Cx<'_>, build: i32, update: TagUpdate) -> Result<()> {
    let tags: Vec<i32> = Query::from("tag_listing")
        .filter("active = TRUE AND build_id = ?", build)
        .distinct()
        .select(cx.db, "tag_id")?;
    if tags.is_empty() {
        return Ok(());
    }
    let (event, user) = (cx.event()?, cx.user_id()?);
    let row = |tag: i32| vec![tag.into(), event.into(), user.into(), Bind::from(update as i32)];
    let columns = &["tag_id", "update_event", "updater_id", "update_type"];
    Insert::many(cx.db, "tag_updates", columns, tags.into_iter().map(row).collect())
}
