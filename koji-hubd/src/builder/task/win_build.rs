//! `winbuild`: builds on a Windows machine in a subtask, has rpms made around the result if wanted, imports and tags.

use koji_core::api::host_call::HostSubtask;
use koji_core::api::host_typed::{HostCompleteWinBuild, HostInitWinBuild};
use koji_core::api::policy::HostAssertPolicy;
use koji_core::api::scratch::HostMoveWinBuildToScratch;
use koji_core::client::field;
use koji_core::wire::{Map, Value};
use koji_core::{Error, Result};

use super::build_srpm_from_scm::terms;
use super::destination::Destination;
use super::maven::find_target;
use super::run::{Run, need_int, need_text};
use super::wrapper::{Wish, with_task, wrap};
use super::{Failure, Params, Signature, TaskHandler, repo};
use crate::builder::scm::ScmUrl;

/// What is not about Windows is done by the builders of this channel.
const CHANNEL: &str = "default";
/// The longest label that a task may have.
const LABEL_LENGTH: usize = 255;

/// Builds on a Windows machine.
pub(super) struct WinBuild;

impl TaskHandler for WinBuild {
    fn method(&self) -> &'static str {
        "winbuild"
    }

    fn signature(&self) -> Signature {
        Signature { names: &["name", "source_url", "target", "opts"], required: 3 }
    }

    fn weight(&self) -> f64 {
        0.2
    }

    fn run(&self, run: &mut Run, params: &Params) -> Result<Value, Failure> {
        check_sources(run, params)?;
        let target = find_target(run, params)?;
        let destination = Destination::of_target(&target)?;
        let (repo_id, event) = repo_of(run, params, &target)?;
        let part = build(run, params, &target, repo_id)?;
        let results = with_task(run.wait_for(&[part], false)?.remove(&part).unwrap_or_default(), part);
        let scratch = params.opt("scratch").is_true();
        let build = if scratch { Value::Nil } else { begin(run, params, (&destination, event), &results)? };
        let rpms = wrapper_rpms(run, params, (&target, &build), (part, repo_id));
        let done = rpms.and_then(|rpms| finish(run, &build, results, rpms));
        destination.conclude(run, params, (&build, done), Some(CHANNEL))?;
        Ok(Value::Nil)
    }
}

/// What the machine checks out must be allowed, for it does not ask.
fn check_sources(run: &mut Run, params: &Params) -> Result<()> {
    let allow_password = run.settings.config().flag("allow_password_in_scm_url");
    let further = ["winspec", "patches"].map(|name| params.opt(name).as_str());
    for url in [Some(params.text("source_url")?)].into_iter().chain(further).flatten() {
        terms(run, params, &ScmUrl::parse(url, allow_password)?)?;
    }
    Ok(())
}

/// The repository, and the event that packages are looked at if the request names it.
fn repo_of(run: &mut Run, params: &Params, target: &Value) -> Result<(i64, Option<i64>)> {
    let tag = need_int(target, "build_tag")?;
    if !params.opt("repo_id").is_true() {
        let repo = repo::get(run, tag.into(), &Value::Nil, false)?;
        return Ok((need_int(&repo, "id")?, None));
    }
    let repo = run.usable_repo(params.opt("repo_id"))?;
    let skip_tag = params.opt("skip_tag").is_true();
    let mut data = map! {
        "user_id" => field(&run.info, "owner").clone(),
        "source" => params.get("source_url").clone(),
        "task_id" => run.id,
        "build_tag" => tag,
        "skip_tag" => skip_tag,
        "target" => need_int(target, "id")?,
    };
    if !skip_tag {
        data.extend(map! { "tag" => need_int(target, "dest_tag")? });
    }
    run.call(HostAssertPolicy::new("build_from_repo_id", data))?;
    Ok((need_int(&repo, "id")?, field(&repo, "create_event").as_int()))
}

/// Starts the machine's task.
fn build(run: &mut Run, params: &Params, target: &Value, repo_id: i64) -> Result<i64> {
    let pick = |names: &[&str]| -> Map {
        let given =
            |name: &&str| params.get("opts").get(name).map(|value| ((*name).to_owned(), value.clone()));
        names.iter().filter_map(given).collect()
    };
    let mut about = pick(&["winspec", "patches"]);
    about.extend(map! { "repo_id" => repo_id });
    let machine = pick(&["timeout", "cpus", "mem", "static_mac"]);
    let name = params.text("name")?;
    let order = args![params.text("source_url")?, need_text(target, "build_tag_name")?, Value::Struct(about)];
    let label: String = name.chars().take(LABEL_LENGTH).collect();
    let opts = map! { "label" => label };
    let request = args![name, order, Value::Struct(machine)];
    run.call(HostSubtask { opts, ..HostSubtask::new("vmExec", request, run.id) }).map(i64::from)
}

fn begin(
    run: &mut Run,
    params: &Params,
    (destination, event): (&Destination, Option<i64>),
    results: &Value,
) -> Result<Value> {
    let name = need_text(results, "name")?;
    if !params.opt("skip_tag").is_true() {
        destination.check(run, ("package", name), event)?;
    }
    let mut build: Map = ["name", "version", "release", "epoch"]
        .map(|part| (part.to_owned(), field(results, part).clone()))
        .into();
    build.extend(map! { "package_name" => name });
    let about = Value::Struct(map! { "platform" => field(results, "platform").clone() });
    run.ask(HostInitWinBuild::new(run.id, build, about))
}

fn wrapper_rpms(
    run: &mut Run,
    params: &Params,
    (target, build): (&Value, &Value),
    (task, repo_id): (i64, i64),
) -> Result<Value> {
    let Some(spec_url) = params.opt("specfile").as_str().filter(|url| !url.is_empty()) else {
        return Ok(Value::Nil);
    };
    wrap(run, Wish { spec_url, task, target, build: build.clone(), repo_id, channel: Some(CHANNEL) })
}

fn finish(run: &mut Run, build: &Value, results: Value, rpms: Value) -> Result<()> {
    if build.is_nil() {
        return run.call(HostMoveWinBuildToScratch::new(run.id, results, rpms));
    }
    let Value::Struct(results) = results else {
        return Err(Error::build("the task of the build gave no results"));
    };
    let rpms = rpms.as_struct().map(<[_]>::to_vec);
    run.call(HostCompleteWinBuild::new(run.id, need_int(build, "id")?, results, rpms))
}
