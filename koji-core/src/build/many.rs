//! Many builds at once, by two statements at most.

use std::collections::HashMap;

use super::lookup::BuildRef;
use super::row::{self, BuildRow};
use crate::Result;
use crate::context::Cx;

/// The builds, in the order in which they are named; an error names the first that is not there.
pub fn get(cx: &mut Cx<'_>, builds: &[BuildRef]) -> Result<Vec<BuildRow>> {
    let mut by_id: HashMap<i64, BuildRow> = HashMap::new();
    let mut by_name: HashMap<(String, String, String), i64> = HashMap::new();
    let ids: Vec<i64> = builds
        .iter()
        .filter_map(|build| match build {
            BuildRef::Id(id) => Some(*id),
            BuildRef::Nvr(_) => None,
        })
        .collect();
    let (mut names, mut versions, mut releases) = (Vec::new(), Vec::new(), Vec::new());
    for build in builds {
        if let BuildRef::Nvr(nvr) = build {
            names.push(nvr.name.as_str());
            versions.push(nvr.version.as_str());
            releases.push(nvr.release.as_str());
        }
    }
    let mut found = Vec::new();
    if !ids.is_empty() {
        found.extend(row::query().filter("build.id IN ?", ids).load::<BuildRow>(cx.db)?);
    }
    if !names.is_empty() {
        let query = row::query()
            .filter("package.name IN ?", names)
            .filter("build.version IN ?", versions)
            .filter("build.release IN ?", releases);
        found.extend(query.load::<BuildRow>(cx.db)?);
    }
    for row in found {
        by_name.insert((row.name.clone(), row.version.clone(), row.release.clone()), row.id.into());
        by_id.insert(row.id.into(), row);
    }
    let place = |build: &BuildRef| match build {
        BuildRef::Id(id) => Some(*id),
        BuildRef::Nvr(nvr) => {
            by_name.get(&(nvr.name.clone(), nvr.version.clone(), nvr.release.clone())).copied()
        }
    };
    builds
        .iter()
        .map(|build| place(build).and_then(|id| by_id.get(&id)).cloned().ok_or_else(|| build.missing()))
        .collect()
}
