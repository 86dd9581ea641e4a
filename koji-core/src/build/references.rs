//! What refers to a build: tags, buildroots, archives. A build that something refers to is not deleted.

use serde::Serialize;

use super::state::BuildState;
use crate::Result;
use crate::context::Cx;
use crate::db::{Query, Row};
use crate::row;

row! {
    /// A tag that a build is in.
    pub struct TagReference {
        /// Its id
        pub tag_id: i32 = "tag_listing.tag_id",
        /// Its name
        pub name: String = "tag.name",
    }
}

row! {
    /// An rpm that was built with a build.
    pub struct RpmReference {
        /// Its id
        pub id: i32 = "rpminfo.id",
        /// Its name
        pub name: String = "rpminfo.name",
        /// Its version
        pub version: String = "rpminfo.version",
        /// Its release
        pub release: String = "rpminfo.release",
        /// Its arch
        pub arch: String = "rpminfo.arch",
        /// Its build
        pub build_id: i32 = "rpminfo.build_id",
    }
}

row! {
    /// An archive that was built with a build.
    pub struct ArchiveReference {
        /// Its id
        pub id: i32 = "archiveinfo.id",
        /// Its type
        pub type_id: i32 = "archiveinfo.type_id",
        /// The name of its type
        pub type_name: String = "archivetypes.name",
        /// Its build
        pub build_id: i32 = "archiveinfo.build_id",
        /// Its file name
        pub filename: String = "archiveinfo.filename",
    }
}

/// What refers to a build. A lazy search stops at the first kind that it finds, and leaves the rest out.
#[derive(Clone, Debug, Default, Serialize)]
pub struct References {
    /// Tags that the build is in
    pub tags: Vec<TagReference>,
    /// Rpms in whose buildroots it was
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rpms: Option<Vec<RpmReference>>,
    /// Archives that hold a part of it
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component_of: Option<Vec<i32>>,
    /// Archives in whose buildroots it was
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archives: Option<Vec<ArchiveReference>>,
    /// When it was last used in a buildroot, in seconds since the epoch
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_used: Option<Option<f64>>,
    /// `component_of` under its older name
    #[serde(skip_serializing_if = "Option::is_none")]
    pub images: Option<Vec<i32>>,
}

/// How far to search.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extent {
    /// Rows of a kind at most
    pub limit: Option<i64>,
    /// Whether to stop at the first kind that there is
    pub lazy: bool,
}

/// Everything that refers to a build.
pub fn of(cx: &mut Cx<'_>, build: i32, extent: Extent) -> Result<References> {
    let Extent { limit, lazy } = extent;
    let mut found = References {
        tags: Query::from("tag_listing")
            .join("tag ON tag_listing.tag_id = tag.id")
            .filter("tag_listing.build_id = ? AND tag_listing.active = TRUE", build)
            .load(cx.db)?,
        ..References::default()
    };
    if lazy && !found.tags.is_empty() {
        return Ok(found);
    }
    let rpms = load::<RpmReference>(cx, rpm_query(build), limit)?;
    let stop = lazy && !rpms.is_empty();
    found.rpms = Some(rpms);
    if stop {
        return Ok(found);
    }
    let mut component_of =
        ids(cx, holder_query("archive_rpm_components", "rpm_id", "rpminfo", build), limit)?;
    if lazy && !component_of.is_empty() {
        found.component_of = Some(component_of);
        return Ok(found);
    }
    let archives = load::<ArchiveReference>(cx, archive_query(build), limit)?;
    let stop = lazy && !archives.is_empty();
    found.archives = Some(archives);
    if stop {
        found.component_of = Some(component_of);
        return Ok(found);
    }
    component_of.extend(ids(
        cx,
        holder_query("archive_components", "component_id", "archiveinfo", build),
        limit,
    )?);
    let stop = lazy && !component_of.is_empty();
    found.component_of = Some(component_of.clone());
    if !stop {
        found.last_used = Some(last_used(cx, build)?);
        found.images = Some(component_of);
    }
    Ok(found)
}

fn load<T: Row>(cx: &mut Cx<'_>, query: Query, limit: Option<i64>) -> Result<Vec<T>> {
    match limit {
        Some(limit) => query.limit(limit).load(cx.db),
        None => query.load(cx.db),
    }
}

fn ids(cx: &mut Cx<'_>, query: Query, limit: Option<i64>) -> Result<Vec<i32>> {
    match limit {
        Some(limit) => query.limit(limit).select(cx.db, "archiveinfo.id"),
        None => query.select(cx.db, "archiveinfo.id"),
    }
}

/// Rpms of complete builds that were built in buildroots with rpms of the build.
fn rpm_query(build: i32) -> Query {
    Query::from("rpminfo")
        .join("build ON rpminfo.build_id = build.id")
        .filter("build.state = ?", BuildState::Complete.number())
        .filter(
            "rpminfo.buildroot_id IN (SELECT buildroot_listing.buildroot_id FROM buildroot_listing \
             JOIN rpminfo AS part ON part.id = buildroot_listing.rpm_id WHERE part.build_id = ?)",
            build,
        )
        .order("rpminfo.id")
}

/// Archives of complete builds that were built in buildroots with archives of the build.
fn archive_query(build: i32) -> Query {
    Query::from("archiveinfo")
        .join("build ON archiveinfo.build_id = build.id")
        .join("archivetypes ON archivetypes.id = archiveinfo.type_id")
        .filter("build.state = ?", BuildState::Complete.number())
        .filter(
            "archiveinfo.buildroot_id IN (SELECT buildroot_archives.buildroot_id FROM buildroot_archives \
             JOIN archiveinfo AS part ON part.id = buildroot_archives.archive_id WHERE part.build_id = ?)",
            build,
        )
        .order("archiveinfo.id")
}

/// Archives of complete builds that hold a part of the build: one row for each part.
fn holder_query(table: &str, column: &str, parts: &str, build: i32) -> Query {
    Query::from(table)
        .join(&format!("archiveinfo ON archiveinfo.id = {table}.archive_id"))
        .join("build ON archiveinfo.build_id = build.id")
        .join(&format!("{parts} AS part ON part.id = {table}.{column}"))
        .filter("build.state = ?", BuildState::Complete.number())
        .filter("part.build_id = ?", build)
        .order("archiveinfo.id")
}

/// When a builder last made a buildroot with a part of the build.
fn last_used(cx: &mut Cx<'_>, build: i32) -> Result<Option<f64>> {
    let rooms = "standard_buildroot.buildroot_id IN (SELECT buildroot_listing.buildroot_id FROM buildroot_listing \
                 JOIN rpminfo ON rpminfo.id = buildroot_listing.rpm_id WHERE rpminfo.build_id = ?) \
                 OR standard_buildroot.buildroot_id IN (SELECT buildroot_archives.buildroot_id \
                 FROM buildroot_archives JOIN archiveinfo ON archiveinfo.id = buildroot_archives.archive_id \
                 WHERE archiveinfo.build_id = ?)";
    let last: Option<Option<i32>> = Query::from("standard_buildroot")
        .filter(rooms, (build, build))
        .select_first(cx.db, "max(standard_buildroot.create_event)")?;
    match last.flatten() {
        Some(event) => Query::from("events").filter("id = ?", event).select_first(cx.db, "time"),
        None => Ok(None),
    }
}
