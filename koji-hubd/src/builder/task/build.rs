//! `build`: leads a build from its source to the tag, by subtasks.

use koji_core::api::Arg as _;
use koji_core::api::cast::IntLike;
use koji_core::api::event::GetLastEvent;
use koji_core::api::host_build::{HostCompleteBuild, HostInitBuild, HostMoveBuildToScratch};
use koji_core::api::package::GetPackageConfig;
use koji_core::api::policy::HostAssertPolicy;
use koji_core::api::repo::RepoInfo;
use koji_core::api::tag::GetTag;
use koji_core::api::target::GetBuildTarget;
use koji_core::client::field;
use koji_core::db::Lookup;
use koji_core::repo::state::RepoState;
use koji_core::wire::{Map, Value};
use koji_core::{Error, Result};

use super::arches::{self, Choice, TaskArch};
use super::built::{Built, gather};
use super::destination;
use super::run::{Run, Subtask, need_int, need_text};
use super::srpm::SourceRpm;
use super::{Failure, Params, Signature, TaskHandler, repo};
use crate::builder::scm::is_scm_url;

/// Builds a package.
pub(super) struct Build;

impl TaskHandler for Build {
    fn method(&self) -> &'static str {
        "build"
    }

    fn signature(&self) -> Signature {
        Signature { names: &["src", "target", "opts"], required: 2 }
    }

    fn weight(&self) -> f64 {
        // it mostly waits
        0.2
    }

    fn run(&self, run: &mut Run, params: &Params) -> Result<Value, Failure> {
        let mut plan = Plan::new(run, params)?;
        plan.check_policy(run, params)?;
        plan.find_repo(run, params)?;
        let (srpm, source) = plan.source(run, params)?;
        let header = SourceRpm::open(&run.uploaded(&srpm)?)?;
        let extra_arches = plan.check_package(run, &header)?;
        let arches = plan.arches(run, params, &header, &extra_arches)?;
        if plan.scratch {
            let built = plan.build(run, &srpm, &arches, &header)?;
            let keep = HostMoveBuildToScratch::new(run.id, built.srpm, built.rpms);
            run.call(HostMoveBuildToScratch { logs: Some(built.logs), ..keep })?;
            return Ok(Value::Nil);
        }
        let data = build_data(run.id, params, &header, &source);
        let build_id = i64::from(run.call(HostInitBuild::new(data))?);
        let done = plan.build(run, &srpm, &arches, &header).and_then(|built| {
            run.ask(HostCompleteBuild {
                brmap: Some(built.buildroots),
                logs: Some(built.logs),
                ..HostCompleteBuild::new(run.id, build_id, built.srpm, built.rpms)
            })
        });
        if let Err(error) = done {
            destination::fail(run, build_id);
            return Err(error.into());
        }
        if !plan.skip_tag {
            let params = args![plan.dest_tag, build_id, false, Value::Nil, true];
            let tag = Subtask { method: "tagBuild", params, label: "tag", arch: "noarch" };
            run.subtask_result(tag)?;
        }
        Ok(Value::Nil)
    }
}

/// What is to be built and where to.
struct Plan {
    target: Option<Value>,
    build_tag: i64,
    dest_tag: i64,
    dest_name: String,
    repo: Value,
    /// When the tags are looked at; now, if there is none yet.
    event: Option<i64>,
    scratch: bool,
    skip_tag: bool,
    fail_fast: bool,
}

impl Plan {
    fn new(run: &mut Run, params: &Params) -> Result<Self> {
        let scratch = params.opt("scratch").is_true();
        if params.opt("arch_override").is_true() && !scratch {
            return Err(Error::build("arch_override is only allowed for scratch builds"));
        }
        if !matches!(params.opt("custom_user_metadata"), Value::Nil | Value::Struct(_)) {
            return Err(Error::build("custom_user_metadata must be serializable to a JSON object"));
        }
        let repo = named_repo(run, params.opt("repo_id"))?;
        let event = field(&repo, "create_event").as_int();
        let name: Option<Lookup> = params.read("target")?;
        let target = match name.clone() {
            None => Value::Nil,
            name => run.ask(GetBuildTarget { event: event.map(Into::into), ..GetBuildTarget::new(name) })?,
        };
        let mut plan = Self {
            target: None,
            build_tag: field(&repo, "tag_id").as_int().unwrap_or_default(),
            dest_tag: 0,
            dest_name: String::new(),
            repo,
            event,
            scratch,
            skip_tag: params.opt("skip_tag").is_true(),
            fail_fast: params.opt("fail_fast").is_true(),
        };
        if target.is_true() {
            plan.aim(target)?;
        } else if plan.repo.is_nil() {
            let name = name.map_or_else(|| "None".to_owned(), |name| name.to_string());
            return Err(Error::generic(format!("unknown build target: {name}")));
        } else if let Some(name) = name {
            let tag = run.ask(GetTag { event: event.into(), ..GetTag::new(name.clone()) })?;
            if tag.is_nil() {
                return Err(Error::generic(format!("neither tag nor target: {name}")));
            }
            plan.dest_tag = need_int(&tag, "id")?;
            plan.dest_name = need_text(&tag, "name")?.to_owned();
        } else {
            // the repository tells the build tag, and there is no other
            plan.skip_tag = true;
            plan.dest_tag = plan.build_tag;
        }
        Ok(plan)
    }

    fn aim(&mut self, target: Value) -> Result<()> {
        let build_tag = need_int(&target, "build_tag")?;
        if !self.repo.is_nil() && self.build_tag != build_tag {
            let (repo, tag) = (field(&self.repo, "tag_name"), field(&target, "build_tag_name"));
            let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
            return Err(Error::build(format!("Repo/Target mismatch: {}/{}", text(repo), text(tag))));
        }
        self.build_tag = build_tag;
        self.dest_tag = need_int(&target, "dest_tag")?;
        self.dest_name = need_text(&target, "dest_tag_name")?.to_owned();
        self.target = Some(target);
        Ok(())
    }

    /// The hub's policies decide what may be built from what.
    fn check_policy(&self, run: &mut Run, params: &Params) -> Result<()> {
        let from_scm = params.text("src").is_ok_and(is_scm_url);
        let mut data = map! {
            "user_id" => field(&run.info, "owner").clone(),
            "source" => params.get("src").clone(),
            "task_id" => run.id,
            "build_tag" => self.build_tag,
            "skip_tag" => self.skip_tag,
            "scratch" => params.opt("scratch").clone(),
            "draft" => params.opt("draft").clone(),
            "from_scm" => from_scm,
            "repo_id" => params.opt("repo_id").clone(),
        };
        if let Some(target) = &self.target {
            data.extend(map! { "target" => field(target, "name").clone() });
        }
        if !self.skip_tag {
            data.extend(map! { "tag" => self.dest_tag });
        }
        if !from_scm && !self.scratch {
            run.call(HostAssertPolicy::new("build_from_srpm", data.clone()))?;
        }
        if !params.opt("repo_id").is_nil() {
            run.call(HostAssertPolicy::new("build_from_repo_id", data.clone()))?;
        }
        run.call(HostAssertPolicy::new("build_rpm", data))
    }

    /// The repository to build from, if the request does not name one.
    fn find_repo(&mut self, run: &mut Run, params: &Params) -> Result<()> {
        if !self.repo.is_nil() {
            return Ok(());
        }
        let current = params.opt("wait_repo").is_true();
        self.repo = repo::get(run, self.build_tag.into(), params.opt("wait_builds"), current)?;
        self.event = field(&run.ask(GetLastEvent::new())?, "id").as_int();
        Ok(())
    }

    /// The source rpm below the hub's work directory, and what a subtask told of its origin.
    fn source(&self, run: &mut Run, params: &Params) -> Result<(String, Value)> {
        let src = params
            .text("src")
            .map_err(|_| Error::build(format!("Invalid source specification: {:?}", params.get("src"))))?;
        let config = run.build_config(self.build_tag, self.event)?;
        let method = if is_scm_url(src) {
            "buildSRPMFromSCM"
        } else if rebuilds(field(&config, "extra"), params) {
            "rebuildSRPM"
        } else {
            return Ok((src.to_owned(), Value::Nil));
        };
        let arch = task_arch(run, "noarch", None, &config)?;
        let opts = map! {
            "repo_id" => need_int(&self.repo, "id")?,
            "scratch" => params.opt("scratch").clone(),
        };
        let task_params = args![src, self.build_tag, Value::Struct(opts)];
        let subtask = Subtask { method, params: task_params, label: "srpm", arch: &arch };
        let result = run.subtask_result(subtask)?;
        Ok((need_text(&result, "srpm")?.to_owned(), field(&result, "source").clone()))
    }

    /// Refuses a package that the destination does not take; gives the extra arches it has there.
    fn check_package(&self, run: &mut Run, srpm: &SourceRpm) -> Result<String> {
        let wanted = GetPackageConfig::new(self.dest_tag, &srpm.name);
        let config = run.ask(GetPackageConfig { event: self.event.map(Into::into), ..wanted })?;
        if !self.skip_tag && !self.scratch {
            if config.is_nil() {
                let text = format!("package {} not in list for tag {}", srpm.name, self.dest_name);
                return Err(Error::build(text));
            }
            if field(&config, "blocked").is_true() {
                let text = format!("package {} is blocked for tag {}", srpm.name, self.dest_name);
                return Err(Error::build(text));
            }
        }
        Ok(field(&config, "extra_arches").as_str().unwrap_or_default().to_owned())
    }

    fn arches(&self, run: &mut Run, params: &Params, srpm: &SourceRpm, extra: &str) -> Result<Vec<String>> {
        let config = run.build_config(self.build_tag, self.event)?;
        let tag = field(&config, "arches").as_str().unwrap_or_default();
        if tag.trim().is_empty() {
            let name = field(&config, "name").as_str().unwrap_or("?");
            return Err(Error::build(format!("No arches for tag {name} [{}]", self.build_tag)));
        }
        let wanted = params.opt("arch_override").as_str().filter(|wanted| self.scratch && !wanted.is_empty());
        arches::choose(Choice { tag, extra, wanted }, srpm)
    }

    /// Runs the subtasks for the arches and gathers what they made.
    fn build(&self, run: &mut Run, srpm: &str, arches: &[String], header: &SourceRpm) -> Result<Built> {
        let config = run.build_config(self.build_tag, self.event)?;
        let repo_id = need_int(&self.repo, "id")?;
        let mut tasks = vec![];
        for (at, arch) in arches.iter().enumerate() {
            let host_arch = task_arch(run, arch, Some(header), &config)?;
            // the source rpm is kept from one of them
            let params = args![
                srpm,
                self.build_tag,
                arch.as_str(),
                at == 0,
                Value::Struct(map! { "repo_id" => repo_id })
            ];
            let subtask = Subtask { method: "buildArch", params, label: arch, arch: &host_arch };
            tasks.push(run.subtask(subtask)?);
        }
        let fail_any = !run.settings.config().flag("build_arch_can_fail") || self.fail_fast;
        let results = run.wait_for(&tasks, fail_any)?;
        let of_arch = arches.iter().zip(&tasks).map(|(arch, task)| (arch.as_str(), results.get(task)));
        gather(of_arch)
    }
}

/// The repository that the request names.
fn named_repo(run: &mut Run, id: &Value) -> Result<Value> {
    if id.is_nil() {
        return Ok(Value::Nil);
    }
    let repo = run.ask(RepoInfo::new(IntLike::take(id.clone())?))?;
    if repo.is_nil() {
        return Err(Error::build(format!("No such repo: {}", shown(id))));
    }
    match RepoState::from_number(need_int(&repo, "state")?)? {
        RepoState::Ready | RepoState::Expired => Ok(repo),
        state => Err(Error::build(format!("Bad repo: {} ({state})", need_int(&repo, "id")?))),
    }
}

/// A number or text of a request as people write it.
fn shown(value: &Value) -> String {
    value.as_int().map_or_else(|| value.as_str().unwrap_or_default().to_owned(), |number| number.to_string())
}

/// Whether a source rpm is made anew: the tag says, and for a scratch build its caller.
fn rebuilds(extra: &Value, params: &Params) -> bool {
    let by_caller = params.opt("rebuild_srpm");
    if params.opt("scratch").is_true() && !by_caller.is_nil() {
        return by_caller.is_true();
    }
    extra.get("rebuild_srpm").is_none_or(Value::is_true)
}

fn task_arch(run: &Run, arch: &str, srpm: Option<&SourceRpm>, config: &Value) -> Result<String> {
    let rules = TaskArch {
        tag: field(config, "arches").as_str().unwrap_or_default(),
        noarch: field(field(config, "extra"), "noarch_arches").as_str(),
        literal: run.settings.text("literal_task_arches"),
    };
    // the ids of tasks spread well enough over the arches
    let spread = usize::try_from(run.id).unwrap_or_default();
    arches::task_arch(arch, srpm, rules, |count| spread % count.max(1))
}

/// What the hub is told of a build that begins.
fn build_data(task_id: i64, params: &Params, srpm: &SourceRpm, source: &Value) -> Map {
    let mut data = map! {
        "name" => srpm.name.clone(),
        "version" => srpm.version.clone(),
        "release" => srpm.release.clone(),
        "epoch" => srpm.epoch,
        "task_id" => task_id,
    };
    let mut extra = Map::new();
    if source.is_true() {
        data.extend(map! { "source" => field(source, "source").clone() });
        let origin = map! { "original_url" => field(source, "url").clone() };
        extra.extend(map! { "source" => Value::Struct(origin) });
    }
    if params.opt("custom_user_metadata").is_true() {
        extra.extend(map! { "custom_user_metadata" => params.opt("custom_user_metadata").clone() });
    }
    if !extra.is_empty() {
        data.extend(map! { "extra" => Value::Struct(extra) });
    }
    if params.opt("draft").is_true() {
        data.extend(map! { "draft" => params.opt("draft").clone() });
    }
    data
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(opts: Map) -> Params {
        Params::bind(Build.signature(), args!["cli-build/x/a.src.rpm", "t", Value::Struct(opts)]).unwrap()
    }

    #[test]
    fn the_tag_says_whether_a_source_rpm_is_made_anew() {
        let (plain, no) = (Value::Struct(vec![]), Value::Struct(map! { "rebuild_srpm" => false }));
        assert!(rebuilds(&plain, &params(vec![])));
        assert!(!rebuilds(&no, &params(vec![])));
        // only a scratch build may differ
        assert!(rebuilds(&plain, &params(map! { "rebuild_srpm" => false })));
        assert!(!rebuilds(&plain, &params(map! { "rebuild_srpm" => false, "scratch" => true })));
    }

    #[test]
    fn a_build_that_begins() {
        let srpm =
            SourceRpm { name: "a".into(), version: "1".into(), release: "2".into(), ..Default::default() };
        let source = Value::Struct(map! { "source" => "a-1-2.src.rpm", "url" => "a-1-2.src.rpm" });
        let data = Value::Struct(build_data(5, &params(map! { "draft" => true }), &srpm, &source));
        assert_eq!(field(&data, "source").as_str(), Some("a-1-2.src.rpm"));
        assert!(field(&data, "epoch").is_nil() && field(&data, "draft").is_true());
        assert!(field(field(&data, "extra"), "source").is_true());
    }
}
