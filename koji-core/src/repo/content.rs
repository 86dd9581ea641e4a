//! What a repository of a tag holds: the rpms of the builds that show in the tag at an event.

use std::collections::{HashMap, HashSet};

use crate::Result;
use crate::context::Cx;
use crate::paths::{BuildDir, Paths, RpmFile, rpm};
use crate::tag::listing::Latest;
use crate::tag::tagged::builds::{TaggedBuild, Wanted};
use crate::tag::tagged::rpms::{RpmRow, TaggedRpm, WantedRpms, rpms};

/// Hands on each rpm with its path below the top directory, each once: nearest tag first, there by build.
pub fn each_rpm(
    cx: &mut Cx<'_>,
    tag: i32,
    event: i32,
    latest: Latest,
    mut take: impl FnMut(&TaggedRpm, &str) -> Result<()>,
) -> Result<()> {
    let builds = Wanted { event: Some(event), latest, ..Wanted::latest(tag) };
    let wanted = WantedRpms { builds, arches: Vec::new(), sigkeys: false, extra: true };
    let (rpms, builds) = rpms(cx, &wanted)?;
    let dirs: HashMap<i32, String> =
        builds.iter().map(|build| (build.row.build_id, directory(build))).collect();
    let mut seen = HashSet::new();
    for tagged in rpms.iter().filter(|tagged| seen.insert(tagged.row.id)) {
        let RpmRow { name, version, release, arch, build_id, .. } = &tagged.row;
        let Some(dir) = dirs.get(build_id) else { continue };
        take(tagged, &format!("{dir}/{}", rpm(RpmFile { name, version, release, arch })))?;
    }
    Ok(())
}

/// The directory of a build below the top directory.
fn directory(build: &TaggedBuild) -> String {
    let dir = BuildDir {
        name: &build.package_name,
        version: &build.row.version,
        release: &build.row.release,
        volume: Some(&build.volume_name),
    };
    Paths::new("").build(dir).to_string_lossy().into_owned()
}
