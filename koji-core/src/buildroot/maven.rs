//! Which archives Maven took into a buildroot, told by what lies in its local repository.

use std::collections::{BTreeSet, HashMap};

use regex::Regex;

use super::row::BuildrootRow;
use super::{content, make};
use crate::build::typed::MavenInfo;
use crate::build::{BuildRef, many};
use crate::context::Cx;
use crate::db::Query;
use crate::tag::tagged::maven::artifacts;
use crate::{Error, Fault, Result};

use super::state::BuildrootState;

/// A directory of an artifact with its files.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// What Maven calls it
    pub info: MavenInfo,
    /// Its files
    pub files: Vec<ArtifactFile>,
}

/// A file of an artifact.
#[derive(Clone, Debug)]
pub struct ArtifactFile {
    /// The directory
    pub path: String,
    /// The name
    pub filename: String,
    /// The size in bytes
    pub size: i64,
}

/// What may be in a buildroot beside what its repo offers.
#[derive(Clone, Debug, Default)]
pub struct Besides {
    /// Files that are known to be no archives of the hub, such as what the build itself has made
    pub ignore: Vec<Artifact>,
    /// Builds whose archives go before those of the repo
    pub builds: Vec<BuildRef>,
    /// Whether any other file is passed over, and not an error
    pub ignore_unknown: bool,
}

/// Notes the archives that are among the files found in a buildroot of the calling host.
pub fn note(
    cx: &mut Cx<'_>,
    buildroot: &BuildrootRow,
    found: &[Artifact],
    besides: &Besides,
    is_project: bool,
) -> Result<()> {
    let builds = suppliers(cx, buildroot, &besides.builds)?;
    let wanted: BTreeSet<i32> =
        found.iter().filter_map(|artifact| builds.get(&artifact.info)).copied().collect();
    let archives = archives(cx, &wanted)?;
    let ignored = ignored(&besides.ignore)?;
    let mut ids = Vec::new();
    for artifact in found {
        for file in &artifact.files {
            let key = |build: &i32| (*build, artifact.info.clone(), file.filename.clone());
            let known = builds.get(&artifact.info).and_then(|build| archives.get(&key(build)));
            let ignored = ignored.get(&(artifact.info.clone(), file.filename.clone()));
            match known {
                Some((id, size)) if *size == file.size => ids.push(*id),
                _ if ignored == Some(&file.size) || besides.ignore_unknown => {}
                _ => return Err(unknown(file)),
            }
        }
    }
    make::require_state(buildroot, BuildrootState::Building)?;
    content::add_archives(cx, buildroot.id, &ids, is_project)
}

fn unknown(file: &ArtifactFile) -> Error {
    let ArtifactFile { path, filename, size } = file;
    Error::new(
        Fault::Buildroot,
        format!("No such file in build environment: {path}/{filename}, size: {size}"),
    )
}

/// The build that supplies each artifact: the repo's, unless a build that was named supplies it.
fn suppliers(
    cx: &mut Cx<'_>,
    buildroot: &BuildrootRow,
    named: &[BuildRef],
) -> Result<HashMap<MavenInfo, i32>> {
    let tag = buildroot
        .tag_id
        .ok_or_else(|| Error::generic(format!("buildroot {} has no repo of a tag", buildroot.id)))?;
    let mut builds = HashMap::new();
    for row in artifacts(cx, tag, buildroot.repo_create_event_id, true)? {
        let info = MavenInfo { group_id: row.group_id, artifact_id: row.artifact_id, version: row.version };
        builds.entry(info).or_insert(row.build_id);
    }
    let ids: BTreeSet<i32> = many::get(cx, named)?.iter().map(|build| build.id).collect();
    for ((build, info, _), _) in archives(cx, &ids)? {
        builds.insert(info, build);
    }
    Ok(builds)
}

/// Ids and sizes of the Maven archives of builds, by build, artifact and file name.
type Archives = HashMap<(i32, MavenInfo, String), (i32, i64)>;

fn archives(cx: &mut Cx<'_>, builds: &BTreeSet<i32>) -> Result<Archives> {
    if builds.is_empty() {
        return Ok(Archives::new());
    }
    let rows: Vec<(i32, String, String, String, String, i32, i64)> = Query::from("archiveinfo")
        .join("maven_archives ON maven_archives.archive_id = archiveinfo.id")
        .filter("archiveinfo.build_id IN ?", builds.iter().copied().collect::<Vec<_>>())
        .order("archiveinfo.id")
        .select(
            cx.db,
            "archiveinfo.build_id, maven_archives.group_id, maven_archives.artifact_id, maven_archives.version, \
             archiveinfo.filename, archiveinfo.id, archiveinfo.size",
        )?;
    let archive = |(build, group_id, artifact_id, version, filename, id, size)| {
        ((build, MavenInfo { group_id, artifact_id, version }, filename), (id, size))
    };
    Ok(rows.into_iter().map(archive).collect())
}

/// Sizes of the files to be ignored. A snapshot's file lies in the local repository under two names: with its
/// timestamp and with `SNAPSHOT`.
fn ignored(artifacts: &[Artifact]) -> Result<HashMap<(MavenInfo, String), i64>> {
    let stamp = Regex::new(r"-\d{8}\.\d{6}-\d+")
        .map_err(|error| Error::unforeseen("bad pattern of snapshots").caused_by(error))?;
    let mut sizes = HashMap::new();
    for artifact in artifacts {
        for file in &artifact.files {
            sizes.insert((artifact.info.clone(), file.filename.clone()), file.size);
            let snapshot = stamp.replace_all(&file.filename, "-SNAPSHOT").into_owned();
            sizes.insert((artifact.info.clone(), snapshot), file.size);
        }
    }
    Ok(sizes)
}

/// The artifact that a file of a task's output is of, by its path; none for logs, sums and what lies elsewhere.
pub fn of_path(path: &str, size: i64) -> Option<Artifact> {
    if [".log", ".md5", ".sha1"].iter().any(|extension| path.ends_with(extension)) {
        return None;
    }
    let (dir, filename) = path.rsplit_once('/')?;
    let (rest, version) = dir.rsplit_once('/')?;
    let (group, artifact) = rest.rsplit_once('/')?;
    let info = MavenInfo {
        group_id: group.replace('/', "."),
        artifact_id: artifact.to_owned(),
        version: version.to_owned(),
    };
    let file = ArtifactFile { path: dir.to_owned(), filename: filename.to_owned(), size };
    Some(Artifact { info, files: vec![file] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn artifacts_by_their_paths() {
        let artifact = of_path("org/koji/tool/1.0/tool-1.0.jar", 7).unwrap();
        assert_eq!(
            (artifact.info.group_id.as_str(), artifact.info.artifact_id.as_str()),
            ("org.koji", "tool")
        );
        assert_eq!(
            (artifact.info.version.as_str(), artifact.files[0].filename.as_str()),
            ("1.0", "tool-1.0.jar")
        );
        assert!(of_path("build.log", 7).is_none());
        assert!(of_path("tool/1.0/tool-1.0.jar", 7).is_none());
    }

    #[test]
    fn snapshots_have_two_names() {
        let artifact = of_path("org/t/1-SNAPSHOT/t-1-20240101.101112-3.jar", 5).unwrap();
        let info = artifact.info.clone();
        let sizes = ignored(&[artifact]).unwrap();
        assert_eq!(sizes.get(&(info, "t-1-SNAPSHOT.jar".to_owned())), Some(&5));
        assert_eq!(sizes.len(), 2);
    }
}
