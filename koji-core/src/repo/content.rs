//! What a repository of a tag holds: the rpms of the builds that show in the tag at an event.

use std::collections::{HashMap, HashSet};

use crate::Result;
use crate::context::Cx;
<<<<<<< HEAD
=======
use crate::db::Query;
use crate::package::listing::tag_ids;
use crate::package::visible::{Scope, visible};
>>>>>>> n4
use crate::paths::{BuildDir, Paths, RpmFile, rpm};
use crate::tag::listing::Latest;
use crate::tag::tagged::builds::{TaggedBuild, Wanted};
use crate::tag::tagged::rpms::{RpmRow, WantedRpms, rpms};

/// Hands on each rpm with its path below the top directory, each once: nearest tag first, there by build.
pub fn each_rpm(
    cx: &mut Cx<'_>,
    tag: i32,
    event: i32,
    latest: Latest,
    mut take: impl FnMut(&RpmRow, &str) -> Result<()>,
) -> Result<()> {
    let builds = Wanted { event: Some(event), latest, ..Wanted::latest(tag) };
    let wanted = WantedRpms { builds, arches: Vec::new(), sigkeys: false, extra: false };
    let (rpms, builds) = rpms(cx, &wanted)?;
    let dirs: HashMap<i32, String> =
        builds.iter().map(|build| (build.row.build_id, directory(build))).collect();
    let mut seen = HashSet::new();
    for row in rpms.iter().map(|rpm| &rpm.row).filter(|row| seen.insert(row.id)) {
        let Some(dir) = dirs.get(&row.build_id) else { continue };
        let RpmRow { name, version, release, arch, .. } = row;
        take(row, &format!("{dir}/{}", rpm(RpmFile { name, version, release, arch })))?;
    }
    Ok(())
}

<<<<<<< HEAD
/// The directory of a build below the top directory.
fn directory(build: &TaggedBuild) -> String {
    let dir = BuildDir {
        name: &build.package_name,
        version: &build.row.version,
        release: &build.row.release,
        volume: Some(&build.volume_name),
    };
    Paths::new("").build(dir).to_string_lossy().into_owned()
=======
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
>>>>>>> n4
}
