//! The Maven repository beside the rpms: links to the artifacts of the builds that the tag shows, and Maven's own
//! lists of their versions with checksums.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use md5::{Digest as _, Md5};
use sha1::Sha1;

use super::files::{link_to, make_dir, write};
use crate::Result;
use crate::compose::xml::push_element;
use crate::context::Cx;
use crate::paths::{BuildDir, Paths, maven_repo};
use crate::tag::tagged::maven::{MavenRow, artifacts};

/// Writes the directory `maven` of a repository.
pub fn fill(cx: &mut Cx<'_>, tag: i32, event: i32, repo_dir: &Path) -> Result<()> {
    let rows = artifacts(cx, tag, Some(event), true)?;
    let dest = repo_dir.join("maven");
    let mut links: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
    let mut versions: BTreeMap<PathBuf, Artifact> = BTreeMap::new();
    for row in &rows {
        let relative = maven_repo(&row.group_id, &row.artifact_id, &row.version);
        let link = crate::paths::safe_join(&dest, &relative)?;
        let of_artifact = versions
            .entry(link.parent().unwrap_or(&dest).to_owned())
            .or_insert_with(|| Artifact::new(&row.group_id, &row.artifact_id));
        of_artifact.versions.insert(row.version.clone());
        links.entry(link).or_insert_with(|| source(&cx.env.paths, row).join(&relative));
    }
    for (link, source) in &links {
        link_to(link, source)?;
    }
    let updated = timestamp(cx.now().0);
    for (dir, artifact) in versions {
        make_dir(&dir)?;
        let text = artifact.metadata(&updated);
        let name = "maven-metadata.xml";
        write(&dir.join(name), text.as_bytes())?;
        write(&dir.join(format!("{name}.md5")), format!("{:x}", Md5::digest(&text)).as_bytes())?;
        write(&dir.join(format!("{name}.sha1")), format!("{:x}", Sha1::digest(&text)).as_bytes())?;
    }
    Ok(())
}

/// The directory of a build's artifacts.
fn source(paths: &Paths, row: &MavenRow) -> PathBuf {
    let MavenRow { build_name, build_version, build_release, volume_name, .. } = row;
    paths.maven_build(BuildDir {
        name: build_name,
        version: build_version,
        release: build_release,
        volume: Some(volume_name),
    })
}

/// What there is of an artifact.
struct Artifact {
    group_id: String,
    artifact_id: String,
    versions: BTreeSet<String>,
}

impl Artifact {
    fn new(group_id: &str, artifact_id: &str) -> Self {
        let versions = BTreeSet::new();
        Self { group_id: group_id.to_owned(), artifact_id: artifact_id.to_owned(), versions }
    }

    /// `maven-metadata.xml`; the highest version goes last.
    fn metadata(&self, updated: &str) -> String {
        let mut versions: Vec<&String> = self.versions.iter().collect();
        versions.sort_by(|left, right| rpm_version::rpm_evr_compare(left, right));
        let highest = versions.last().map_or("", |version| version.as_str());
        let mut out = String::from("<?xml version=\"1.0\"?>\n<metadata>\n");
        push_element(&mut out, "  ", "groupId", &self.group_id);
        push_element(&mut out, "  ", "artifactId", &self.artifact_id);
        out.push_str("  <versioning>\n");
        push_element(&mut out, "    ", "latest", highest);
        push_element(&mut out, "    ", "release", highest);
        out.push_str("    <versions>\n");
        versions.iter().for_each(|version| push_element(&mut out, "      ", "version", version));
        out.push_str("    </versions>\n");
        push_element(&mut out, "    ", "lastUpdated", updated);
        out.push_str("  </versioning>\n</metadata>\n");
        out
    }
}

/// Maven's way to write a time: digits only.
fn timestamp(now_s: f64) -> String {
    let text = crate::db::Time(now_s.floor()).to_string();
    text.chars().filter(char::is_ascii_digit).take(14).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_version_is_the_latest() {
        let mut artifact = Artifact::new("org.a&b", "tool");
        artifact.versions.extend(["1.10", "1.9", "1.2"].map(str::to_owned));
        let text = artifact.metadata(&timestamp(1e9 + 0.5));
        assert!(text.contains("<groupId>org.a&amp;b</groupId>"));
        assert!(text.contains("<latest>1.10</latest>"));
        assert!(text.contains("<version>1.9</version>\n      <version>1.10</version>"));
        assert!(text.contains("<lastUpdated>20010909014640</lastUpdated>"));
    }
}
