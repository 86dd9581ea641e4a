//! Loading what the walk needs, for all tags at once.

use std::collections::HashMap;
use std::sync::Arc;

use super::builds::Wanted;
use crate::build::state::BuildState;
use crate::context::Cx;
use crate::db::{Lookup, Query, Time, lookup};
use crate::tag::listing::Latest;
use crate::{Error, Result, row};

row! {
    /// A build in a tag, without the names that many builds share.
    pub struct BuildRow {
        /// The tag
        pub tag_id: i32 = "tag_listing.tag_id",
        /// The event that tagged it
        pub create_event: i32 = "tag_listing.create_event",
        /// The build
        pub build_id: i32 = "build.id",
        /// Its package
        pub package_id: i32 = "build.pkg_id",
        /// Its version
        pub version: String = "build.version",
        /// Its release
        pub release: String = "build.release",
        /// Its epoch
        pub epoch: Option<i64> = "build.epoch",
        /// The number of its state
        pub state: i32 = "build.state",
        /// When it ended
        pub completion_time: Option<Time> = "build.completion_time",
        /// When it ceased to be a draft
        pub promotion_time: Option<Time> = "build.promotion_time",
        /// When it began
        pub start_time: Option<Time> = "build.start_time",
        /// The task that made it
        pub task_id: Option<i32> = "build.task_id",
        /// Whether it is a draft
        pub draft: bool = "build.draft",
        /// Who owns it
        pub owner_id: i32 = "build.owner",
        /// Who promoted it
        pub promoter_id: Option<i32> = "build.promoter",
        /// The event that made its entry
        pub creation_event_id: i32 = "build.create_event",
        /// The volume that its files are on
        pub volume_id: i32 = "build.volume_id",
    }
}

/// The complete builds of some tags, of all packages or of some, by tag, the most recently tagged first; among those of one event the newest.
pub fn rows(
    cx: &mut Cx<'_>,
    wanted: &Wanted,
    tags: &[i64],
    packages: Option<Vec<i32>>,
) -> Result<HashMap<i64, Vec<Arc<BuildRow>>>> {
    let query = Query::from("tag_listing")
        .join("build ON build.id = tag_listing.build_id")
        .filter("tag_listing.tag_id IN ?", tags)
        .at("tag_listing", wanted.event)
        .filter("build.state = ?", BuildState::Complete.number())
        .filter_some("build.pkg_id IN (SELECT id FROM package WHERE name = ?)", wanted.package.as_deref())
        .filter_some("build.owner IN (SELECT id FROM users WHERE name = ?)", wanted.owner.as_deref())
        .filter_some("build.draft = ?", wanted.draft)
        .filter_some("build.pkg_id IN ?", packages);
    // of all builds of a tag and its ancestors there may be very many
    let is_large = wanted.latest == Latest::All && wanted.package.is_none();
    let query = of_type(cx, query, wanted.btype.as_deref())?
        .one_by_one(is_large)
        .planned_anew(wanted.package.is_none());
    let mut rows: HashMap<i64, Vec<Arc<BuildRow>>> = HashMap::new();
    query.each(cx.db, |row: BuildRow| {
        rows.entry(row.tag_id.into()).or_default().push(Arc::new(row));
        Ok(())
    })?;
    for list in rows.values_mut() {
        list.sort_unstable_by_key(|row| std::cmp::Reverse((row.create_event, row.build_id)));
    }
    Ok(rows)
}

/// Only builds of a type. The older types have tables of their own.
fn of_type(cx: &mut Cx<'_>, query: Query, btype: Option<&str>) -> Result<Query> {
    Ok(match btype {
        None => query,
        Some("maven") => query.filter("build.id IN (SELECT build_id FROM maven_builds)", ()),
        Some("win") => query.filter("build.id IN (SELECT build_id FROM win_builds)", ()),
        Some("image") => query.filter("build.id IN (SELECT build_id FROM image_builds)", ()),
        Some(name) => {
            let btype = lookup::find(cx, "btype", &Lookup::from(name))?
                .ok_or_else(|| Error::generic(format!("unsupported build type: {name}")))?;
            query.filter("build.id IN (SELECT build_id FROM build_types WHERE btype_id = ?)", btype.id)
        }
    })
}
