//! `createdistrepo`: puts one arch of a repository for distribution together and uploads its metadata.

use std::collections::BTreeMap;

use koji_core::api::Arg;
use koji_core::api::cast::IntLike;
use koji_core::api::repo::RepoInfo;
use koji_core::api::signature::HostWriteSignedRpm;
use koji_core::api::tagged::ListTaggedRpms;
use koji_core::client::{field, item};
use koji_core::db::Lookup;
use koji_core::nvr::is_debuginfo;
use koji_core::paths::{self, BuildDir, Paths};
use koji_core::wire::Value;
use koji_core::{Error, Result};

use super::dist_files::{self, Content};
use super::dist_log::{self, Problem};
use super::dist_rpm::{Choice, Chosen, select};
use super::repo::texts;
use super::run::{Run, need_int, need_text};
use super::{Failure, Params, Signature, TaskHandler, dist_arch, dist_multilib};

/// A repository that the hub has begun and whose metadata is to come.
const INIT: i64 = 0;

/// How many calls are sent to the hub at once.
const BATCH: usize = 1000;

/// Makes one arch.
pub(super) struct CreateDistRepo;

impl TaskHandler for CreateDistRepo {
    fn method(&self) -> &'static str {
        "createdistrepo"
    }

    fn signature(&self) -> Signature {
        Signature { names: &["tag", "repo_id", "arch", "keys", "opts"], required: 5 }
    }

    fn weight(&self) -> f64 {
        1.5
    }

    fn run(&self, run: &mut Run, params: &Params) -> Result<Value, Failure> {
        let repo = run.ask(RepoInfo { strict: true, ..RepoInfo::new(IntLike(params.int("repo_id")?)) })?;
        let id = need_int(&repo, "id")?;
        if need_int(&repo, "state")? != INIT {
            let state = field(&repo, "state");
            return Err(Error::generic(format!("Repo {id} not in INIT state (got {state:?})")).into());
        }
        let top = run.settings.topdir();
        if !top.join("packages").is_dir() {
            let dir = top.join("packages");
            return Err(Failure::Refuse(format!("No access to packages dir {}", dir.display())));
        }
        let arch = paths::check_segment("arch", params.text("arch")?)?;
        let mut rpms = rpms(run, params, arch)?;
        let dir = Paths::new(top).dist_repo(id, need_text(&repo, "tag_name")?, None);
        if let Some(rules) = params.opt("multilib").as_str().filter(|rules| !rules.is_empty())
            && dist_arch::is_multilib(arch)
        {
            dist_multilib::add(run, rules, (arch, &dir), &mut rpms)?;
        }
        let content = Content { arch, rpms: &rpms, comps: &dir.join("groups/comps.xml") };
        dist_files::write(run, params, content)?;
        tracing::info!(repo = id, arch, packages = rpms.len(), "made the repository");
        Ok(Value::Nil)
    }
}

/// The rpms of the tag, each in the copy that is wanted.
fn rpms(run: &mut Run, params: &Params, arch: &str) -> Result<Vec<Chosen>> {
    let keys: Vec<String> = texts(params.get("keys"))?.iter().map(|key| key.to_lowercase()).collect();
    let (rows, dirs) = listed(run, params, arch)?;
    let choices = select(&rows, &keys)?;
    if params.opt("write_signed_rpms").is_true() {
        write_signed(run, &choices)?;
    }
    let (skip, allow) =
        (params.opt("skip_missing_signatures").is_true(), params.opt("allow_missing_signatures").is_true());
    let split = params.opt("split_debuginfo").is_true();
    let (mut chosen, mut missing, mut unsigned) = (vec![], vec![], vec![]);
    for choice in &choices {
        if choice.key.is_none() {
            unsigned.push(choice);
            if skip {
                continue;
            }
        }
        let build = need_int(&choice.rpm, "build_id")?;
        let dir =
            dirs.get(&build).ok_or_else(|| Error::generic(format!("the hub lists no build {build}")))?;
        let file = dir.join(choice.relative()?);
        if !file.is_file() {
            missing.push(file);
            continue;
        }
        let is_debug = split && is_debuginfo(need_text(&choice.rpm, "name")?);
        let subrepo = is_debug.then_some("debug");
        let told = choice.describe(&file, subrepo);
        chosen.push(Chosen { name: format!("{}.rpm", choice.nvra()?), file, subrepo, told });
    }
    let problem = Problem { keys: &keys, missing: &missing, unsigned: &unsigned, skip };
    dist_log::report(run, &problem)?;
    if !missing.is_empty() {
        return Err(Error::generic("Packages missing from the filesystem. See missing_files.log."));
    }
    if !unsigned.is_empty() && !skip && !allow {
        return Err(Error::generic("Unsigned packages found. See missing_signatures.log"));
    }
    Ok(chosen)
}

type Dirs = BTreeMap<i64, std::path::PathBuf>;

/// The rpms for an arch, a row for each signature, and the directories of their builds.
fn listed(run: &mut Run, params: &Params, arch: &str) -> Result<(Vec<Value>, Dirs)> {
    let (mut rows, mut dirs) = (vec![], Dirs::new());
    let paths = Paths::new(run.settings.topdir());
    for member in dist_arch::members(arch)? {
        let listing = ListTaggedRpms {
            event: Arg::take(params.opt("event").clone())?,
            arch: Arg::take((*member).into())?,
            latest: Arg::take(params.opt("latest").clone())?,
            inherit: params.opt("inherit").is_true(),
            rpmsigs: true,
            ..ListTaggedRpms::new(params.read::<Lookup>("tag")?)
        };
        let listing = run.ask(listing)?;
        for build in item(&listing, 1).as_array().unwrap_or_default() {
            if field(build, "draft").is_true() {
                let nvr = field(build, "nvr").as_str().unwrap_or_default();
                return Err(Error::build(format!("Draft build: {nvr} is not allowed")));
            }
            let dir = BuildDir {
                name: need_text(build, "name")?,
                version: need_text(build, "version")?,
                release: need_text(build, "release")?,
                volume: field(build, "volume_name").as_str(),
            };
            dirs.insert(need_int(build, "id")?, paths.build(dir));
        }
        rows.extend_from_slice(item(&listing, 0).as_array().unwrap_or_default());
    }
    Ok((rows, dirs))
}

/// Has the hub write the signed copies that there are not yet.
fn write_signed(run: &mut Run, choices: &[Choice]) -> Result<()> {
    let wanted: Vec<_> =
        choices.iter().filter_map(|choice| Some((choice.id, choice.key.as_deref()?))).collect();
    let wanted: Vec<_> = wanted.into_iter().filter(|(_, key)| !key.is_empty()).collect();
    let mut log = String::new();
    for batch in wanted.chunks(BATCH) {
        let calls = batch.iter().map(|(id, key)| HostWriteSignedRpm::new(*id, *key));
        let answers = run.session.multicall(calls)?;
        for ((id, key), answer) in batch.iter().zip(answers) {
            log.push_str(&dist_log::written(*id, key, answer.err().as_ref()));
        }
    }
    if log.is_empty() { Ok(()) } else { dist_log::upload(run, "written_signed_rpms.log", &log) }
}
