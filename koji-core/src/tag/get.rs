//! One tag, now or at an event.
//!
//! A tag is there while it has an active configuration; a deleted one keeps its name and id.

use std::collections::BTreeMap;

use serde::Serialize;

use super::extra::{self, BlockedExtras, Extras};
use crate::context::Cx;
use crate::db::{Lookup, Query};
use crate::{Error, Result};

crate::row! {
    /// A tag's configuration.
    pub struct TagRow {
        /// Its id
        pub id: i32 = "tag.id",
        /// Its name; names have no history
        pub name: String = "tag.name",
        /// The permission that it asks for
        pub perm_id: Option<i32> = "tag_config.perm_id",
        /// That permission's name
        pub perm: Option<String> = "permissions.name",
        /// The arches, separated by spaces; null means that they are inherited
        pub arches: Option<String> = "tag_config.arches",
        /// Whether its content may not be changed
        pub locked: bool = "tag_config.locked",
        /// Whether Maven repos are made
        pub maven_support: bool = "tag_config.maven_support",
        /// Whether these have every build, not only the latest
        pub maven_include_all: bool = "tag_config.maven_include_all",
    }
}

/// A tag with its extra settings, but not those that it inherits.
#[derive(Clone, Debug, Serialize)]
pub struct Tag<E = Extras> {
    /// Its configuration
    #[serde(flatten)]
    pub row: TagRow,
    /// When the configuration ended, if the tag was looked for among deleted ones
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoke_event: Option<i32>,
    /// The extra settings
    pub extra: E,
    /// The event that was looked at
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query_event: Option<i32>,
}

/// When to look at a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Now
    Now,
    /// At an event
    At(i32),
    /// Now, or if it is deleted, just before that
    Auto,
}

impl From<Option<i32>> for When {
    fn from(event: Option<i32>) -> Self {
        event.map_or(Self::Now, Self::At)
    }
}

/// The configurations of tags, now or at an event.
pub fn rows(event: Option<i32>) -> Query {
    Query::from("tag_config")
        .join("tag ON tag.id = tag_config.tag_id")
        .left_join("permissions ON permissions.id = tag_config.perm_id")
        .at("tag_config", event)
}

/// A tag's configuration, if there is such a tag.
pub fn find_row(cx: &mut Cx<'_>, tag: &Lookup, event: Option<i32>) -> Result<Option<TagRow>> {
    tag.condition(rows(event), "tag").first(cx.db)
}

/// A tag's configuration.
pub fn get_row(cx: &mut Cx<'_>, tag: &Lookup, event: Option<i32>) -> Result<TagRow> {
    find_row(cx, tag, event)?.ok_or_else(|| missing(tag))
}

/// A tag with its extra settings, if there is such a tag.
pub fn find(cx: &mut Cx<'_>, tag: &Lookup, when: When) -> Result<Option<Tag>> {
    let found = find_blocked(cx, tag, when)?;
    Ok(found.map(|tag| Tag {
        row: tag.row,
        revoke_event: tag.revoke_event,
        extra: tag.extra.unblocked(),
        query_event: tag.query_event,
    }))
}

/// A tag with its extra settings.
pub fn get(cx: &mut Cx<'_>, tag: &Lookup, when: When) -> Result<Tag> {
    find(cx, tag, when)?.ok_or_else(|| missing(tag))
}

/// A tag with its extra settings and those that it blocks, if there is such a tag.
pub fn find_blocked(cx: &mut Cx<'_>, tag: &Lookup, when: When) -> Result<Option<Tag<BlockedExtras>>> {
    let (event, revoke_event) = match when {
        When::Now => (None, None),
        When::At(event) => (Some(event), None),
        When::Auto => {
            let revoked = last_revoked(cx, tag)?;
            (revoked.map(|event| event - 1), revoked)
        }
    };
    let Some(row) = find_row(cx, tag, event)? else { return Ok(None) };
    let mut extras: BTreeMap<i32, BlockedExtras> = extra::load(cx, &[row.id], event)?;
    let extra = extras.remove(&row.id).unwrap_or_default();
    Ok(Some(Tag { row, revoke_event, extra, query_event: event }))
}

/// The event that ended a tag's last configuration; none if it has not ended.
fn last_revoked(cx: &mut Cx<'_>, tag: &Lookup) -> Result<Option<i32>> {
    let query = Query::from("tag_config").join("tag ON tag.id = tag_config.tag_id");
    let last = tag
        .condition(query, "tag")
        .order_desc("tag_config.create_event")
        .limit(1)
        .select_first::<Option<i32>>(cx.db, "tag_config.revoke_event")?;
    Ok(last.flatten())
}

/// The error of a tag that is not there, or deleted.
pub fn missing(tag: &Lookup) -> Error {
    Error::generic(format!("No such tag: {tag}"))
}
