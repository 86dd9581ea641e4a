//! `createrepo`: writes the metadata of one arch of a build repository and uploads it.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use koji_core::client::field;
use koji_core::compose::repodata::{self, Location, Options, Package};
use koji_core::paths::{self, Paths};
use koji_core::wire::Value;
use koji_core::{Error, Result};

use super::external::{self, Merge};
use super::new_repo::{check_access, tag_name};
use super::run::{Run, need_int};
use super::{Failure, Params, Signature, TaskHandler};
use crate::builder::files;

/// A repository that the hub has begun and whose metadata is to come.
const INIT: i64 = 0;

/// The text of the file that marks an empty repository.
const EMPTY: &str = "This repo is empty because its tag has no content for this arch\n";

/// Writes the metadata of one arch.
pub(super) struct CreateRepo;

impl TaskHandler for CreateRepo {
    fn method(&self) -> &'static str {
        "createrepo"
    }

    fn signature(&self) -> Signature {
        // the older repository is a hint for tools that can reuse its metadata; here each rpm is read
        Signature { names: &["repo_id", "arch", "oldrepo"], required: 2 }
    }

    fn weight(&self) -> f64 {
        1.5
    }

    fn run(&self, run: &mut Run, params: &Params) -> Result<Value, Failure> {
        let repo = run.call_with("repoInfo", args![params.int("repo_id")?], map! { "strict" => true })?;
        let (id, arch) = (need_int(&repo, "id")?, paths::check_segment("arch", params.text("arch")?)?);
        if need_int(&repo, "state")? != INIT {
            return Err(Error::generic(format!(
                "Repo {id} not in INIT state (got {:?})",
                field(&repo, "state")
            ))
            .into());
        }
        let top = Paths::new(run.settings.topdir()).repo(id, tag_name(&repo)?);
        let dir = top.join(arch);
        if !dir.is_dir() {
            check_access(run)?;
            return Err(Error::generic(format!("Repo directory missing: {}", dir.display())).into());
        }
        let out = run.workdir().join("repo");
        let listing = Listing { dir: &dir, groups: read_groups(&top)?, now_s: now_s() };
        let count = listing.write(&out)?;
        tracing::info!(repo = id, arch, packages = count, "wrote the metadata");
        let event = map! { "event" => need_int(&repo, "create_event")? };
        let externals = run.call_with("getExternalRepoList", args![need_int(&repo, "tag_id")?], event)?;
        let externals = externals.as_array().unwrap_or_default();
        if !externals.is_empty() {
            let blocked = read_lines(&dir.join("blocklist"))?.into_iter().collect::<HashSet<_>>();
            let merge = Merge { id, arch, blocked: &blocked, options: listing.options(true) };
            external::merge(run, &out, externals, &merge)?;
        } else if count == 0 {
            let path = out.join("repodata/EMPTY_REPO");
            fs::write(&path, EMPTY).map_err(|error| Error::io(&path, error))?;
        }
        Ok(upload(run, &out.join("repodata"))?)
    }
}

/// The local packages of one arch.
struct Listing<'a> {
    dir: &'a Path,
    groups: Option<Vec<u8>>,
    now_s: i64,
}

impl Listing<'_> {
    fn options(&self, origins: bool) -> Options<'_> {
        Options { groups: self.groups.as_deref(), now_s: self.now_s, origins, ..Options::default() }
    }

    /// Writes the metadata of the packages in `pkglist`, and tells how many they are.
    fn write(&self, out: &Path) -> Result<usize> {
        let packages = packages(self.dir, &read_lines(&self.dir.join("pkglist"))?);
        repodata::write(out, &packages, &self.options(false))?;
        Ok(packages.len())
    }
}

fn packages(dir: &Path, lines: &[String]) -> Vec<Package> {
    let package = |line: &String| Package {
        path: dir.join(line),
        location: Location { href: line.clone(), ..Location::default() },
        ..Package::default()
    };
    lines.iter().map(package).collect()
}

fn read_groups(top: &Path) -> Result<Option<Vec<u8>>> {
    let path: PathBuf = top.join("groups/comps.xml");
    match fs::read(&path) {
        Ok(groups) => Ok(Some(groups)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io(&path, error)),
    }
}

/// The lines that are not empty; a file that is not there has none.
fn read_lines(path: &Path) -> Result<Vec<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(Into::into).collect()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(vec![]),
        Err(error) => Err(Error::io(path, error)),
    }
}

fn now_s() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or_default()
}

/// Uploads the files; the result tells the hub where they are and their names.
fn upload(run: &mut Run, dir: &Path) -> Result<Value> {
    let names = files::names(dir)?;
    for name in &names {
        run.upload(&dir.join(name))?;
    }
    let names: Vec<Value> = names.into_iter().map(Value::from).collect();
    Ok(Value::from(args![run.upload_dir(), names]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_without_packages_is_written() {
        let dir = tempfile::tempdir().unwrap();
        let listing = Listing { dir: dir.path(), groups: None, now_s: 1 };
        let out = dir.path().join("out");
        assert_eq!(listing.write(&out).unwrap(), 0);
        assert!(out.join("repodata/repomd.xml").is_file());
    }

    #[test]
    fn packages_stand_where_the_list_says() {
        let found = packages(Path::new("/r/x86_64"), &["toplink/packages/a/1/1/x86_64/a.rpm".to_owned()]);
        assert_eq!(found[0].path, Path::new("/r/x86_64/toplink/packages/a/1/1/x86_64/a.rpm"));
        assert_eq!(found[0].location.href, "toplink/packages/a/1/1/x86_64/a.rpm");
        assert!(read_lines(Path::new("/nonexistent")).unwrap().is_empty());
    }
}
