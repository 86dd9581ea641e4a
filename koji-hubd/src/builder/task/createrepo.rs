//! `createrepo`: writes the metadata of one arch of a build repository and uploads it.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use koji_core::api::cast::IntLike;
use koji_core::api::external_repo::GetExternalRepoList;
use koji_core::api::repo::RepoInfo;
use koji_core::client::field;
use koji_core::compose::fragment_cache::FragmentCache;
use koji_core::compose::koji_repo::{self, Job};
use koji_core::compose::merge::{Mode, Source};
use koji_core::compose::writer::Compression;
use koji_core::paths::{self, Paths};
use koji_core::wire::Value;
use koji_core::{Error, Result};

use super::external;
use super::new_repo::{check_access, tag_name};
use super::run::{Run, need_int};
use super::{Failure, Params, Signature, TaskHandler};
use crate::builder::files;

/// A repository that the hub has begun and whose metadata is to come.
const INIT: i64 = 0;

/// Where the facts of rpms are kept between tasks, below the working directory. It may be deleted.
pub(super) const CACHE: &str = "fragments";

/// Writes the metadata of one arch.
pub(super) struct CreateRepo;

impl TaskHandler for CreateRepo {
    fn method(&self) -> &'static str {
        "createrepo"
    }

    fn signature(&self) -> Signature {
        // the older repository helps tools that copy its metadata; here a cache serves all repositories
        Signature { names: &["repo_id", "arch", "oldrepo"], required: 2 }
    }

    fn weight(&self) -> f64 {
        1.5
    }

    fn run(&self, run: &mut Run, params: &Params) -> Result<Value, Failure> {
        let repo = run.ask(RepoInfo { strict: true, ..RepoInfo::new(IntLike(params.int("repo_id")?)) })?;
        let (id, arch) = (need_int(&repo, "id")?, paths::check_segment("arch", params.text("arch")?)?);
        if need_int(&repo, "state")? != INIT {
            let state = field(&repo, "state");
            return Err(Error::generic(format!("Repo {id} not in INIT state (got {state:?})")).into());
        }
        let dir = Paths::new(run.settings.topdir()).repo(id, tag_name(&repo)?);
        if !dir.join(arch).is_dir() {
            check_access(run)?;
            let missing = dir.join(arch);
            return Err(Error::generic(format!("Repo directory missing: {}", missing.display())).into());
        }
        let event = Some(need_int(&repo, "create_event")?.into());
        let wanted = GetExternalRepoList::new(need_int(&repo, "tag_id")?);
        let externals = run.ask(GetExternalRepoList { event, ..wanted })?;
        let externals = externals.as_array().unwrap_or_default();
        let mode = if externals.is_empty() { Mode::Koji } else { external::mode(externals)? };
        let fetched = external::fetch_all(run, externals, arch)?;
        let out = write(run, Repo { dir: &dir, arch, mode, fetched: &fetched })?;
        tracing::info!(repo = id, arch, external = fetched.len(), "wrote the metadata");
        Ok(upload(run, &out.join("repodata"))?)
    }
}

/// What is written.
#[derive(Clone, Copy)]
struct Repo<'a> {
    dir: &'a Path,
    arch: &'a str,
    mode: Mode,
    fetched: &'a [(String, PathBuf)],
}

/// Writes the metadata into a directory of the task.
fn write(run: &Run, repo: Repo<'_>) -> Result<PathBuf> {
    let out = run.workdir().join("repo");
    let sources: Vec<_> = repo.fetched.iter().map(|(url, dir)| Source { url, dir }).collect();
    let cache = FragmentCache::new(run.settings.workdir().join(CACHE));
    koji_repo::create(&Job {
        repo_dir: repo.dir,
        arch: repo.arch,
        dest: &out,
        external: &sources,
        mode: repo.mode,
        cache: Some(&cache),
        compression: Compression::default(),
        now_s: now_s(),
    })?;
    Ok(out)
}

pub(super) fn now_s() -> i64 {
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
