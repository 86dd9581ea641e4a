//! `wrapperRPM`: makes rpms around what a Maven, Windows or image build has made, from a template of a spec file.
//!
//! As a part of such a build it hands its rpms to the build's task. By itself it adds them to a build, or makes a
//! build of them, or keeps them as scratch.

mod artifacts;
mod facts;
mod finish;
mod template;

use std::fs;
use std::path::{Path, PathBuf};

use koji_core::api::host_call::HostSubtask;
use koji_core::api::tag::GetTag;
use koji_core::api::task::GetTaskInfo;
use koji_core::client::Session;
use koji_core::db::Lookup;
use koji_core::wire::{Map, Value};
use koji_core::{Error, Result};

use self::artifacts::Artifacts;
pub(super) use self::facts::BuildKind;
use self::facts::Wrapped;
use self::finish::{Made, NewBuild};
use super::build_arch::{fits, init, logs, root_arch, site};
use super::build_srpm_from_scm::terms;
use super::run::{Run, need_int};
use super::srpm::SourceRpm;
use super::{Failure, Params, Signature, TaskHandler, repo};
use crate::builder::backend::{self, Backend, BuildJob, SpecJob};
use crate::builder::buildroot::{BuildRoot, RootOptions, State};
use crate::builder::config::Settings;
use crate::builder::files;
use crate::builder::scm::{Checked, Checkout, ScmUrl, Terms, spec};

/// The group of the tag that is installed.
const GROUP: &str = "wrapper-rpm-build";

/// Makes rpms around files.
pub(super) struct WrapperRpm;

impl TaskHandler for WrapperRpm {
    fn method(&self) -> &'static str {
        "wrapperRPM"
    }

    fn signature(&self) -> Signature {
        Signature { names: &["spec_url", "build_target", "build", "task", "opts"], required: 4 }
    }

    fn weight(&self) -> f64 {
        1.5
    }

    fn lacks(&self, _settings: &Settings) -> Option<String> {
        template::lacks()
    }

    fn check_host(&self, hub: &mut Session, params: &Params, host: &Value) -> Result<bool> {
        fits(hub, Lookup::from(need_int(params.get("build_target"), "build_tag")?), host)
    }

    fn run(&self, run: &mut Run, params: &Params) -> Result<Value, Failure> {
        let wrapped = Wrapped::find(run, params)?;
        let allow_password = run.settings.config().flag("allow_password_in_scm_url");
        let url = ScmUrl::parse(params.text("spec_url")?, allow_password)?;
        let terms = terms(run, params, &url)?;
        let root = make_root(run, params)?;
        let made = make(run, &root, &Order { params, wrapped: &wrapped, url: &url, terms: &terms });
        let expired = root.set_state(run, State::Expired);
        let result = made?;
        expired?;
        Ok(result)
    }
}

/// What is asked for.
struct Order<'a> {
    params: &'a Params,
    wrapped: &'a Wrapped,
    url: &'a ScmUrl,
    terms: &'a Terms,
}

/// A buildroot from the repository that the caller names, or the present one of the build tag.
fn make_root(run: &mut Run, params: &Params) -> Result<BuildRoot> {
    let tag = Lookup::from(need_int(params.get("build_target"), "build_tag")?);
    let tag = run.ask(GetTag { strict: true, ..GetTag::new(tag) })?;
    let tag = need_int(&tag, "id")?;
    let repo = if params.opt("repo_id").is_true() {
        run.usable_repo(params.opt("repo_id"))?
    } else {
        let current = params.opt("wait_repo").is_true();
        repo::get(run, tag.into(), params.opt("wait_builds"), current)?
    };
    let config = run.build_config(tag, Some(need_int(&repo, "create_event")?))?;
    let arch = root_arch(run, "noarch", &config)?;
    BuildRoot::with_options(
        run,
        (&config, &arch, &repo),
        RootOptions { group: GROUP, ..RootOptions::default() },
    )
}

fn make(run: &mut Run, root: &BuildRoot, order: &Order<'_>) -> Result<Value> {
    let mut backend = backend::from_settings(&run.settings)?;
    init(run, &mut *backend, root)?;
    let (spec_name, source) = prepare(run, &mut *backend, root, order)?;
    let srpm = take_srpm(run, &*backend)?;
    let new_build = NewBuild::begin(run, order.params, &SourceRpm::open(&srpm)?, &source)?;
    let done = build(run, &mut *backend, (root, &srpm)).and_then(|(srpm, rpms)| {
        let mut logs = vec!["checkout.log".into(), Value::from(spec_name)];
        logs.extend(log_names(run, &*backend));
        let made = Made { buildroot: root.id, srpm, rpms, logs };
        finish::finish(run, order.params, &made, new_build.as_ref())?;
        Ok(result(order.params, &made, source))
    });
    if done.is_err()
        && let Some(new_build) = &new_build
    {
        new_build.fail(run);
    }
    let result = done?;
    if let Some(new_build) = &new_build {
        new_build.tag(run, order.params)?;
    }
    backend.clean()?;
    Ok(result)
}

/// Checks out, renders, and makes the source rpm; the name of the spec file, and what to remember of the source.
fn prepare(
    run: &mut Run,
    backend: &mut dyn Backend,
    root: &BuildRoot,
    order: &Order<'_>,
) -> Result<(String, Map)> {
    let place = backend.source_dir();
    files::make_dir(&place.outside)?;
    let checkout = Checkout { url: order.url, terms: order.terms, dir: &place.outside };
    let Checked { dir: sources, source } = checkout.run(&mut site(run))?;
    let template = template::find(&sources, order.params.text("spec_url")?)?;
    let dir = template.parent().unwrap_or(&sources);
    order.wrapped.artifacts.copy_to(run, dir)?;
    let spec = template::render(run, &template, order.wrapped.values())?;
    run.upload(&spec)?;
    let text = fs::read(&spec).map_err(|error| Error::io(&spec, error))?;
    spec::check(&String::from_utf8_lossy(&text))?;
    backend.own_sources()?;
    root.set_state(run, State::Building)?;
    let job = SpecJob { spec: &place.seen(&spec), sources: &place.seen(dir) };
    backend.build_srpm(&mut site(run), root, job)?;
    Ok((spec.file_name().unwrap_or_default().to_string_lossy().into_owned(), source))
}

/// Moves the source rpm out of the results, where the build puts it once more.
fn take_srpm(run: &Run, backend: &dyn Backend) -> Result<PathBuf> {
    let name = only_srpm(backend.results())?;
    let (from, to) = (backend.results().join(&name), run.workdir().join(&name));
    fs::rename(&from, &to).map_err(|error| Error::io(&from, error))?;
    Ok(to)
}

fn only_srpm(dir: &Path) -> Result<String> {
    let sources: Vec<String> =
        files::names(dir)?.into_iter().filter(|name| name.ends_with(".src.rpm")).collect();
    match <[String; 1]>::try_from(sources) {
        Ok([name]) => Ok(name),
        Err(none) if none.is_empty() => Err(Error::build("no srpm found")),
        Err(many) => Err(Error::build(format!("multiple srpms found: {}", many.join(", ")))),
    }
}

/// Builds; uploads the source rpm and the others, and gives their names.
fn build(
    run: &mut Run,
    backend: &mut dyn Backend,
    (root, srpm): (&BuildRoot, &Path),
) -> Result<(String, Vec<String>)> {
    backend.build(&mut site(run), root, BuildJob { srpm, arch: &root.target_arch })?;
    super::build_arch::tell_more(run, backend, root)?;
    let dir = backend.results().to_owned();
    let srpm = only_srpm(&dir)?;
    let rpms: Vec<String> = files::names(&dir)?.into_iter().filter(|name| *name != srpm).collect();
    if rpms.is_empty() {
        return Err(Error::build("no rpms found"));
    }
    for name in [&srpm].into_iter().chain(&rpms) {
        super::srpm::open(&dir.join(name))?;
        run.upload(&dir.join(name))?;
    }
    Ok((srpm, rpms))
}

/// The names of the buildroot's logs.
fn log_names(run: &Run, backend: &dyn Backend) -> Vec<Value> {
    let name =
        |path: Value| path.as_str().and_then(|path| path.rsplit_once('/')).map(|(_, name)| Value::from(name));
    logs(run, backend).into_iter().filter_map(name).collect()
}

/// The result of the task, as the tasks of builds and the hub take it.
fn result(params: &Params, made: &Made, source: Map) -> Value {
    let mut result = made.told();
    result.extend(map! { "source" => Value::Struct(source) });
    let metadata = params.opt("custom_user_metadata");
    if params.opt("create_build").is_true() && metadata.is_true() {
        result.extend(map! { "custom_user_metadata" => metadata.clone() });
    }
    Value::Struct(result)
}

/// Rpms around the output of a part of a build's task.
pub(super) struct Wish<'a> {
    /// The sources of the template
    pub spec_url: &'a str,
    /// The part
    pub task: i64,
    /// The target, as the hub describes it
    pub target: &'a Value,
    /// The build that begins; nil for scratch
    pub build: Value,
    /// The repository of the buildroot
    pub repo_id: i64,
    /// The channel of the task, if not its parent's
    pub channel: Option<&'a str>,
}

/// Has a task make such rpms; its result, with the task's id.
pub(super) fn wrap(run: &mut Run, wish: Wish<'_>) -> Result<Value> {
    let task = run.ask(GetTaskInfo::new(wish.task))?;
    let opts = map! { "repo_id" => wish.repo_id };
    let params = args![wish.spec_url, wish.target.clone(), wish.build, task, Value::Struct(opts)];
    let mut opts = map! { "label" => "rpm", "arch" => "noarch" };
    opts.extend(wish.channel.map(|channel| ("channel".to_owned(), channel.into())));
    let id = i64::from(run.call(HostSubtask { opts, ..HostSubtask::new("wrapperRPM", params, run.id) })?);
    let result = run.wait_for(&[id], false)?.remove(&id).unwrap_or_default();
    Ok(with_task(result, id))
}

/// The result of a task, with the task's id in it.
pub(super) fn with_task(result: Value, id: i64) -> Value {
    let Value::Struct(mut members) = result else { return result };
    members.retain(|(name, _)| name != "task_id");
    members.extend(map! { "task_id" => id });
    Value::Struct(members)
}
