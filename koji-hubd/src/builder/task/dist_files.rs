//! Writing and uploading what a repository for distribution has beside its rpms: lists, metadata, the manifest.
//!
//! Metadata is written here; what only createrepo_c can (deltas, zchunk) is left to that tool.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use koji_core::client::Upload;
use koji_core::compose::dist_repo::{self, Package};
use koji_core::compose::fragment_cache::FragmentCache;
use koji_core::compose::writer::Options;
use koji_core::wire::{self, Value};
use koji_core::{Error, Result};

use super::createrepo::{CACHE, now_s};
use super::dist_rpm::Chosen;
use super::dist_tool::{self, Tool};
use super::run::Run;
use super::{Params, dist_log};
use crate::builder::files;

/// What goes into the repository of an arch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Content<'a> {
    pub arch: &'a str,
    pub rpms: &'a [Chosen],
    /// The groups, if there is such a file.
    pub comps: &'a Path,
}

/// Writes everything and uploads it; the manifest last.
pub(super) fn write(run: &mut Run, params: &Params, content: Content<'_>) -> Result<()> {
    let root = run.workdir().join("repo");
    let tool = Tool::from_options(run, params)?;
    let mut parts: BTreeMap<Option<&'static str>, Vec<&Chosen>> = BTreeMap::from([(None, vec![])]);
    content.rpms.iter().for_each(|rpm| parts.entry(rpm.subrepo).or_default().push(rpm));
    for (subrepo, rpms) in &parts {
        let dir = subrepo.map_or_else(|| root.clone(), |name| root.join(name));
        fs::create_dir_all(&dir).map_err(|error| Error::io(&dir, error))?;
        let list: String = rpms.iter().map(|rpm| format!("{}\n", rpm.href())).collect();
        put(&dir.join("pkglist"), list.as_bytes())?;
    }
    put(
        &root.join("kojipkgs"),
        &serde_json::to_vec(&wire::from_value::<serde_json::Value>(told(content.rpms))?)?,
    )?;
    for (subrepo, rpms) in &parts {
        let dir = subrepo.map_or_else(|| root.clone(), |name| root.join(name));
        let log =
            subrepo.map_or_else(|| "createrepo.log".to_owned(), |name| format!("createrepo_{name}.log"));
        match &tool {
            Some(tool) => {
                link(&root, content.rpms)?;
                dist_tool::run(run, tool, &dir, content.comps, &log)?;
            }
            None => metadata(run, &dir, rpms, content, &log)?,
        }
    }
    upload(run, &root)
}

/// Writes the metadata of one directory.
fn metadata(run: &mut Run, dir: &Path, rpms: &[&Chosen], content: Content<'_>, log: &str) -> Result<()> {
    let groups = content.comps.is_file().then(|| fs::read(content.comps)).transpose();
    let groups = groups.map_err(|error| Error::io(content.comps, error))?;
    let package = |rpm: &&Chosen| Package { file: rpm.file.clone(), href: rpm.href() };
    let packages: Vec<Package> = rpms.iter().map(package).collect();
    let cache = FragmentCache::new(run.settings.workdir().join(CACHE));
    let options = Options { groups: groups.as_deref(), now_s: now_s(), ..Options::default() };
    let repomd = dist_repo::create(dir, &packages, &cache, options)?;
    let text = format!(
        "arch: {}\npackages: {}\ngroups: {}\nrevision: {}\n",
        content.arch,
        packages.len(),
        if groups.is_some() { "yes" } else { "no" },
        repomd.revision
    );
    dist_log::upload(run, log, &text)
}

/// The contents of `kojipkgs`.
fn told(rpms: &[Chosen]) -> Value {
    Value::Struct(rpms.iter().map(|rpm| (rpm.name.clone(), rpm.told.clone())).collect())
}

/// Links to the rpms, where the repository will have them.
fn link(root: &Path, rpms: &[Chosen]) -> Result<()> {
    for rpm in rpms {
        let place = root.join(rpm.place());
        if place.symlink_metadata().is_ok() {
            continue;
        }
        if let Some(dir) = place.parent() {
            fs::create_dir_all(dir).map_err(|error| Error::io(dir, error))?;
        }
        std::os::unix::fs::symlink(&rpm.file, &place).map_err(|error| Error::io(&place, error))?;
    }
    Ok(())
}

/// Uploads all files, but no links, and a list of them.
fn upload(run: &mut Run, root: &Path) -> Result<()> {
    let mut names = vec![];
    walk(root, "", &mut names)?;
    for name in &names {
        let (below, dir) = match name.rsplit_once('/') {
            Some((below, _)) => (below, format!("{}/{below}", run.upload_dir())),
            None => ("", run.upload_dir()),
        };
        tracing::debug!(name, below, "uploading");
        let file = root.join(name);
        run.session.upload(&Upload { overwrite: true, ..Upload::new(&file, &dir) }, &mut |_| {})?;
    }
    let manifest = run.workdir().join("repo_manifest");
    put(&manifest, &serde_json::to_vec_pretty(&names)?)?;
    run.upload(&manifest).map(drop)
}

/// The plain files below a directory, by their paths from it.
fn walk(root: &Path, below: &str, names: &mut Vec<String>) -> Result<()> {
    for name in files::names(&root.join(below))? {
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        let full: PathBuf = root.join(&path);
        let kind = full.symlink_metadata().map_err(|error| Error::io(&full, error))?;
        if kind.is_dir() {
            walk(root, &path, names)?;
        } else if kind.is_file() {
            names.push(path);
        }
    }
    Ok(())
}

fn put(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).map_err(|error| Error::io(path, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_not_uploaded() {
        let dir = tempfile::tempdir().unwrap();
        let rpm = dir.path().join("Foo.rpm");
        put(&rpm, b"rpm").unwrap();
        let root = dir.path().join("repo");
        fs::create_dir_all(root.join("repodata")).unwrap();
        put(&root.join("pkglist"), b"").unwrap();
        put(&root.join("repodata/repomd.xml"), b"").unwrap();
        let chosen = Chosen { name: "Foo.rpm".into(), file: rpm, subrepo: None, told: Value::Nil };
        link(&root, &[chosen.clone(), chosen]).unwrap();
        assert!(root.join("Packages/f/Foo.rpm").is_file());
        let mut names = vec![];
        walk(&root, "", &mut names).unwrap();
        assert_eq!(names, ["pkglist", "repodata/repomd.xml"]);
    }
}
