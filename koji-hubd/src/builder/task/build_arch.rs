//! `buildArch`: builds a source rpm for one arch and uploads what came out.

use std::collections::BTreeMap;
use std::path::Path;

use koji_core::api::Method;
use koji_core::api::build::GetAverageBuildDuration;
use koji_core::api::buildroot::{HostSetBuildRootList, HostUpdateBuildRootList};
use koji_core::api::host_call::{HostGetHost, HostSetTaskWeight};
use koji_core::api::tag::GetBuildConfig;
use koji_core::build::outcome::HASHES;
use koji_core::client::{Session, field};
use koji_core::db::Lookup;
use koji_core::rpm::fingerprint::fingerprint;
use koji_core::wire::{Map, Value};
use koji_core::{Error, Result};

use super::origins::Origins;
use super::run::{Run, need_int};
use super::srpm::{self, SourceRpm};
use super::{Failure, Params, Signature, TaskHandler, arches};
use crate::builder::backend::{self, Backend, BuildJob, Installed, Site};
use crate::builder::buildroot::{BuildRoot, State};
use crate::builder::files;

/// A build's share of a host's capacity, before the package's history is known.
const WEIGHT: f64 = 1.5;

/// How far back builds tell how long the next one takes.
const MONTHS: i64 = 6;

/// Builds for one arch.
pub(super) struct BuildArch;

impl TaskHandler for BuildArch {
    fn method(&self) -> &'static str {
        "buildArch"
    }

    fn signature(&self) -> Signature {
        Signature { names: &["pkg", "root", "arch", "keep_srpm", "opts"], required: 4 }
    }

    fn weight(&self) -> f64 {
        WEIGHT
    }

    fn check_host(&self, hub: &mut Session, params: &Params, host: &Value) -> Result<bool> {
        fits(hub, params.read("root")?, host)
    }

    fn run(&self, run: &mut Run, params: &Params) -> Result<Value, Failure> {
        let repo = run.usable_repo(params.opt("repo_id"))?;
        let event = need_int(&repo, "create_event")?;
        let srpm = run.uploaded(params.text("pkg")?)?;
        let source = SourceRpm::open(&srpm)?;
        weigh(run, &source.name)?;
        let config = run.build_config(params.read::<Lookup>("root")?, Some(event))?;
        let arch = params.text("arch")?;
        let root_arch = root_arch(run, arch, &config)?;
        let root = BuildRoot::new(run, &config, &root_arch, &repo)?;
        let built = build(run, &root, BuildJob { srpm: &srpm, arch });
        // whatever came of it, the buildroot is over
        let expired = root.set_state(run, State::Expired);
        let mut backend = built?;
        expired?;
        let result = hand_in(run, &*backend, &root, params.get("keep_srpm").is_true())?;
        backend.clean()?;
        Ok(result)
    }
}

/// Whether a host has an arch of a build tag.
pub(super) fn fits(hub: &mut Session, tag: Lookup, host: &Value) -> Result<bool> {
    let config = hub.ask(GetBuildConfig::new(tag))?;
    let arches = |value: &Value| field(value, "arches").as_str().unwrap_or_default().to_owned();
    Ok(arches::share_arch(&arches(host), &arches(&config)))
}

/// The arch of the buildroot; a noarch build goes by the arch that its task was given, if that is one.
pub(super) fn root_arch(run: &mut Run, arch: &str, config: &Value) -> Result<String> {
    let host = run.ask(HostGetHost::new())?;
    let text = |value: &Value| field(value, "arches").as_str().unwrap_or_default().to_owned();
    let preferred = field(&run.info, "arch").as_str();
    arches::buildroot_arch(arch, &text(&host), &text(config), preferred)
}

/// Makes the buildroot ready and tells the hub what is in it.
pub(super) fn init(run: &mut Run, backend: &mut dyn Backend, root: &BuildRoot) -> Result<()> {
    backend.init(&mut site(run), root)?;
    tell_installed(run, backend, root, HostSetBuildRootList::new)
}

/// The place of a run's build.
pub(super) fn site(run: &mut Run) -> Site<'_> {
    let (upload_dir, workdir) = (run.upload_dir(), run.workdir().to_owned());
    Site { settings: &run.settings, session: &mut run.session, upload_dir, workdir }
}

/// Tells the hub what is in a buildroot since more was installed.
pub(super) fn tell_more(run: &mut Run, backend: &dyn Backend, root: &BuildRoot) -> Result<()> {
    tell_installed(run, backend, root, HostUpdateBuildRootList::new)
}

fn tell_installed<M: Method<Output = ()>>(
    run: &mut Run,
    backend: &dyn Backend,
    root: &BuildRoot,
    tell: fn(i64, Vec<Map>) -> M,
) -> Result<()> {
    let installed = backend.installed(&mut site(run))?;
    if installed.is_empty() {
        return Ok(());
    }
    let relative = format!("{}/rpmlist.jsonl", root.repo_dir);
    let listed = files::find_text(&run.settings, run.workdir(), &relative)?.unwrap_or_default();
    let origins = Origins::load(run, root)?;
    if backend.root_dir().is_some() {
        installed.iter().try_for_each(|rpm| origins.check(&rpm.nvra()))?;
    }
    let known = Installed::known(&installed, &listed, |rpm| origins.repo_of(&rpm.nvra()))?;
    tracing::info!(installed = installed.len(), known = known.len(), "the buildroot's packages");
    if !known.is_empty() {
        run.call(tell(root.id, known))?;
    }
    Ok(())
}

fn build(run: &mut Run, root: &BuildRoot, job: BuildJob<'_>) -> Result<Box<dyn Backend>> {
    let mut backend = backend::from_settings(&run.settings)?;
    init(run, &mut *backend, root)?;
    root.set_state(run, State::Building)?;
    let built = backend.build(&mut site(run), root, job);
    tell_installed(run, &*backend, root, HostUpdateBuildRootList::new)?;
    built.map(|()| backend)
}

/// Packages that take long weigh more, up to 24 hours.
fn weigh(run: &mut Run, package: &str) -> Result<()> {
    let average = run.call(GetAverageBuildDuration {
        age: Some(MONTHS.into()),
        ..GetAverageBuildDuration::new(package)
    })?;
    let Some(seconds) = average.filter(|seconds| *seconds > 0.0) else { return Ok(()) };
    run.call(HostSetTaskWeight::new(run.id, weight(seconds)))
}

fn weight(average_s: f64) -> f64 {
    WEIGHT + (average_s / 4800.0).min(18.0)
}

/// Uploads the rpms, each read first so that a broken one is noticed here; gives the task's result.
fn hand_in(run: &mut Run, backend: &dyn Backend, root: &BuildRoot, keep_srpm: bool) -> Result<Value> {
    let dir = backend.results();
    let names = files::names(dir)?;
    let (sources, rpms): (Vec<_>, Vec<_>) = names.iter().partition(|name| name.ends_with(".src.rpm"));
    let hashes = upload_hashes(run, dir, &rpms)?;
    let rpms = upload_all(run, dir, &rpms)?;
    let srpms = match &sources[..] {
        _ if !keep_srpm => vec![],
        [srpm] => {
            srpm::check_marks(&dir.join(srpm))?;
            upload_all(run, dir, &sources)?
        }
        [] => return Err(Error::build(format!("no srpm files found for task {}", run.id))),
        many => {
            return Err(Error::build(format!("multiple srpm files found for task {}: {many:?}", run.id)));
        }
    };
    let mut logs = logs(run, backend);
    logs.extend(hashes);
    Ok(Value::Struct(map! { "rpms" => rpms, "srpms" => srpms, "logs" => logs, "brootid" => root.id }))
}

fn upload_all(run: &mut Run, dir: &Path, names: &[&String]) -> Result<Vec<Value>> {
    let mut paths = vec![];
    for name in names {
        let path = dir.join(name);
        let rpm = srpm::open(&path)?;
        let expected = format!("{}.rpm", rpm.nvra());
        if rpm.nvra() != name.trim_end_matches(".rpm") && rpm.src_arch() == rpm.arch {
            return Err(Error::build(format!("{name} says of itself that it is {expected}")));
        }
        paths.push(Value::from(run.upload(&path)?));
    }
    Ok(paths)
}

/// Tells what the noarch rpms are like, so that the hub need compare only those that differ; where, if there are any.
fn upload_hashes(run: &mut Run, dir: &Path, names: &[&String]) -> Result<Option<Value>> {
    let mut hashes = BTreeMap::new();
    for name in names.iter().filter(|name| name.ends_with(".noarch.rpm")) {
        hashes.insert(name.as_str(), fingerprint(&srpm::open(&dir.join(name))?)?);
    }
    if hashes.is_empty() {
        return Ok(None);
    }
    let path = run.workdir().join(HASHES);
    let text = serde_json::to_vec_pretty(&BTreeMap::from([(run.id.to_string(), hashes)]))?;
    std::fs::write(&path, text).map_err(|error| Error::io(&path, error))?;
    run.upload(&path).map(|path| Some(path.into()))
}

/// The paths of the logs that were uploaded.
pub(super) fn logs(run: &Run, backend: &dyn Backend) -> Vec<Value> {
    let dir = run.upload_dir();
    let written = backend.logs().iter().filter(|log| log.has_content());
    written.map(|log| Value::from(format!("{dir}/{}", log.name()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_builds_weigh_more() {
        assert!((weight(0.0) - 1.5).abs() < 1e-9);
        assert!((weight(4800.0) - 2.5).abs() < 1e-9);
        assert!((weight(1e9) - 19.5).abs() < 1e-9);
    }
}
