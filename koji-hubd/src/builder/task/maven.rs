//! `maven`: builds with Maven in a subtask, has rpms made around the result if wanted, imports both and tags the build.

use koji_core::api::Arg as _;
use koji_core::api::host_typed::{HostCompleteMavenBuild, HostInitMavenBuild};
use koji_core::api::repo::GetRepo;
use koji_core::api::scratch::HostMoveMavenBuildToScratch;
use koji_core::api::tag::GetTag;
use koji_core::api::target::GetBuildTarget;
use koji_core::client::field;
use koji_core::db::Lookup;
use koji_core::wire::{Map, Value};
use koji_core::{Error, Result};

use super::destination::Destination;
use super::maven_names::build_of;
use super::run::{Run, Subtask, need_int, need_text};
use super::wrapper::{Wish, with_task, wrap};
use super::{Failure, Params, Signature, TaskHandler};

/// The options that are meant for the subtask.
const OF_BUILD: [&str; 10] = [
    "goals",
    "profiles",
    "properties",
    "envs",
    "patches",
    "packages",
    "jvm_options",
    "maven_options",
    "deps",
    "scratch",
];

/// Builds with Maven.
pub(super) struct Maven;

impl TaskHandler for Maven {
    fn method(&self) -> &'static str {
        "maven"
    }

    fn signature(&self) -> Signature {
        Signature { names: &["url", "target", "opts"], required: 2 }
    }

    fn weight(&self) -> f64 {
        0.2
    }

    fn run(&self, run: &mut Run, params: &Params) -> Result<Value, Failure> {
        let target = find_target(run, params)?;
        let destination = Destination::of_target(&target)?;
        let tag = Lookup::from(need_int(&target, "build_tag")?);
        let build_tag = run.ask(GetTag { strict: true, ..GetTag::new(tag) })?;
        let repo_id = repo_of(run, params, &build_tag)?;
        let scratch = params.opt("scratch").is_true();
        let opts = Value::Struct(opts_of_build(params, repo_id));
        let request = args![params.text("url")?, build_tag, opts];
        let part =
            run.subtask(Subtask { method: "buildMaven", params: request, label: "build", arch: "noarch" })?;
        let results = with_task(run.wait_for(&[part], false)?.remove(&part).unwrap_or_default(), part);
        let build = if scratch { Value::Nil } else { begin(run, params, &destination, &results)? };
        let done = finish(run, params, Parts { target: &target, build: &build, part, repo_id, results });
        destination.conclude(run, params, (&build, done), None)?;
        Ok(Value::Nil)
    }
}

/// The target that a request names.
pub(super) fn find_target(run: &mut Run, params: &Params) -> Result<Value> {
    let name: Lookup = params.read("target")?;
    let target = run.ask(GetBuildTarget::new(Some(name.clone())))?;
    if target.is_nil() { Err(Error::build(format!("unknown build target: {name}"))) } else { Ok(target) }
}

fn repo_of(run: &mut Run, params: &Params, tag: &Value) -> Result<i64> {
    if params.opt("repo_id").is_true() {
        return i64::take(params.opt("repo_id").clone());
    }
    let repo = run.ask(GetRepo::new(Lookup::from(need_int(tag, "id")?)))?;
    if repo.is_nil() {
        return Err(Error::build(format!("no repo for tag {}", need_text(tag, "name")?)));
    }
    need_int(&repo, "id")
}

fn opts_of_build(params: &Params, repo_id: i64) -> Map {
    let given = |name: &&str| params.get("opts").get(name).map(|value| ((*name).to_owned(), value.clone()));
    let mut opts: Map = OF_BUILD.iter().filter_map(given).collect();
    opts.extend(map! { "repo_id" => repo_id });
    opts
}

/// The build that the subtask's result is for.
fn begin(run: &mut Run, params: &Params, destination: &Destination, results: &Value) -> Result<Value> {
    let about = field(results, "maven_info").clone();
    let build = build_of(&about)?;
    if need_text(&about, "version")?.ends_with("-SNAPSHOT") {
        return Err(Error::build("-SNAPSHOT versions are only supported in scratch builds"));
    }
    let build = Value::Struct(build);
    if !params.opt("skip_tag").is_true() {
        destination.check(run, ("package", need_text(&build, "name")?), None)?;
    }
    let Value::Struct(build) = build else { return Ok(build) };
    run.ask(HostInitMavenBuild::new(run.id, build, about))
}

/// What is there when the subtask has ended.
struct Parts<'a> {
    target: &'a Value,
    build: &'a Value,
    part: i64,
    repo_id: i64,
    results: Value,
}

fn finish(run: &mut Run, params: &Params, parts: Parts<'_>) -> Result<()> {
    let Parts { target, build, part, repo_id, results } = parts;
    let rpms = match params.opt("specfile").as_str().filter(|url| !url.is_empty()) {
        None => Value::Nil,
        Some(spec_url) => {
            let wish = Wish { spec_url, task: part, target, build: build.clone(), repo_id, channel: None };
            wrap(run, wish)?
        }
    };
    if build.is_nil() {
        return run.call(HostMoveMavenBuildToScratch::new(run.id, results, rpms));
    }
    let (Value::Struct(results), rpms) = (results, rpms.as_struct().map(<[_]>::to_vec)) else {
        return Err(Error::build("the task of the build gave no results"));
    };
    run.call(HostCompleteMavenBuild::new(run.id, need_int(build, "id")?, results, rpms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_concerns_the_subtask_is_handed_on() {
        let opts =
            map! { "goals" => args!["x"], "skip_tag" => true, "specfile" => "git://h/s", "scratch" => false };
        let params = Params::bind(Maven.signature(), args!["git://h/x", "t", Value::Struct(opts)]).unwrap();
        let want = map! { "goals" => args!["x"], "scratch" => false, "repo_id" => 7 };
        assert_eq!(opts_of_build(&params, 7), want);
    }
}
