//! What a repository of a tag holds: the rpms of the builds that show in the tag at an event.

use std::collections::HashMap;

use crate::Result;
use crate::build::state::BuildState;
use crate::context::Cx;
use crate::db::Query;
use crate::package::listing::tag_ids;
use crate::package::visible::{Scope, visible};
use crate::paths::{BuildDir, Paths, RpmFile, rpm};
use crate::tag::links;
use crate::tag::listing::{Latest, take_latest};

crate::row! {
    /// An rpm as the list of a repository tells it.
    pub struct RpmLine {
        /// Its name
        pub name: String = "rpminfo.name",
        /// Its version
        pub version: String = "rpminfo.version",
        /// Its release
        pub release: String = "rpminfo.release",
        /// Its arch
        pub arch: String = "rpminfo.arch",
        /// Its id
        pub id: i32 = "rpminfo.id",
        /// Its epoch
        pub epoch: Option<i64> = "rpminfo.epoch",
        /// Whether its build is a draft
        pub draft: Option<bool> = "rpminfo.draft",
        /// The MD5 sum of header and payload
        pub payloadhash: String = "rpminfo.payloadhash",
        /// Its size in bytes
        pub size: i64 = "rpminfo.size",
        /// When it was built, in seconds since the epoch
        pub buildtime: i64 = "rpminfo.buildtime",
        /// The buildroot that it was built in
        pub buildroot_id: Option<i32> = "rpminfo.buildroot_id",
        /// Its build
        pub build_id: i32 = "rpminfo.build_id",
        /// Whether only its description was imported, not the file
        pub metadata_only: bool = "rpminfo.metadata_only",
    }
}

/// A build that shows in a tag.
struct Shown {
    id: i32,
    package: i32,
    /// Its directory below the top directory
    dir: String,
}

/// Hands on each rpm with its path below the top directory: nearest tag first, there by build.
pub fn each_rpm(
    cx: &mut Cx<'_>,
    tag: i32,
    event: i32,
    latest: Latest,
    mut take: impl FnMut(&RpmLine, &str) -> Result<()>,
) -> Result<()> {
    let builds = shown(cx, tag, event, latest)?;
    let place: HashMap<i32, usize> = builds.iter().enumerate().map(|(at, build)| (build.id, at)).collect();
    let ids: Vec<i32> = builds.iter().map(|build| build.id).collect();
    let mut rpms: Vec<RpmLine> =
        Query::from("rpminfo").filter("build_id IN ?", ids).order("rpminfo.id").load(cx.db)?;
    rpms.sort_by_key(|rpm| place.get(&rpm.build_id).copied());
    for line in &rpms {
        let Some(build) = place.get(&line.build_id).and_then(|at| builds.get(*at)) else { continue };
        let RpmLine { name, version, release, arch, .. } = line;
        let file = RpmFile { name, version, release, arch };
        take(line, &format!("{}/{}", build.dir, rpm(file)))?;
    }
    Ok(())
}

/// The builds that show, each once: of the nearest tag, and within a tag the one tagged last comes first.
fn shown(cx: &mut Cx<'_>, tag: i32, event: i32, latest: Latest) -> Result<Vec<Shown>> {
    let links = links::ancestors(cx, tag.into(), Some(event))?.links;
    let packages = visible(cx, &Scope { tag, links: &links, event: Some(event), package: None })?;
    let tags = tag_ids(tag, &links);
    let nearness: HashMap<i64, usize> = tags.iter().enumerate().map(|(at, tag)| (*tag, at)).collect();
    type Cells = (i32, i64, i32, String, String, String, String);
    let mut rows: Vec<Cells> = Query::from("tag_listing")
        .join("build ON build.id = tag_listing.build_id")
        .join("package ON package.id = build.pkg_id")
        .join("volume ON volume.id = build.volume_id")
        .at("tag_listing", Some(event))
        .filter("tag_listing.tag_id IN ?", tags)
        .filter("build.state = ?", BuildState::Complete.number())
        .order_desc("tag_listing.create_event")
        .order_desc("build.id")
        .select(
            cx.db,
            "build.id, tag_listing.tag_id, package.id, package.name, build.version, build.release, volume.name",
        )?;
    rows.sort_by_key(|(_, tag, ..)| nearness.get(tag).copied());
    let relative = Paths::new("");
    let mut seen = std::collections::HashSet::new();
    let builds =
        rows.iter().filter(|(id, _, package, ..)| packages.contains(package) && seen.insert(*id));
    let builds = builds.map(|(id, _, package, name, version, release, volume)| {
        let dir = relative.build(BuildDir { name, version, release, volume: Some(volume) });
        Shown { id: *id, package: *package, dir: dir.to_string_lossy().into_owned() }
    });
    Ok(take_latest(builds, latest, |build| build.package))
}
