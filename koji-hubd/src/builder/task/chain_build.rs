//! `chainbuild`: builds one level of packages after the other, each when the builds before are in the repository.

use koji_core::api::build::ListBuilds;
use koji_core::api::target::GetBuildTarget;
use koji_core::client::{field, item};
use koji_core::db::Lookup;
use koji_core::wire::Value;
use koji_core::{Error, Result};

use super::repo::texts;
use super::run::{Run, Subtask, need_text};
use super::{Failure, Params, Signature, TaskHandler};
use crate::builder::scm::is_scm_url;

/// Builds levels of sources.
pub(super) struct ChainBuild;

impl TaskHandler for ChainBuild {
    fn method(&self) -> &'static str {
        "chainbuild"
    }

    fn signature(&self) -> Signature {
        Signature { names: &["srcs", "target", "opts"], required: 2 }
    }

    fn weight(&self) -> f64 {
        0.1
    }

    fn run(&self, run: &mut Run, params: &Params) -> Result<Value, Failure> {
        if params.opt("scratch").is_true() {
            return Err(Error::build("--scratch is not allowed with chain-builds").into());
        }
        let target = run.ask(GetBuildTarget::new(params.read::<Option<Lookup>>("target")?))?;
        if target.is_nil() {
            let text = format!("unknown build target: {}", params.text("target")?);
            return Err(Error::generic(text).into());
        }
        let build_tag = need_text(&target, "build_tag_name")?;
        let mut awaited: Vec<String> = vec![];
        for (at, level) in levels(params.get("srcs"))?.into_iter().enumerate() {
            if !awaited.is_empty() {
                wait_for_repo(run, build_tag, at, std::mem::take(&mut awaited))?;
            }
            let started = start(run, params, at, &level.sources)?;
            if !started.is_empty() {
                run.wait_for(&started, true)?;
            }
            awaited = level.nvrs;
            awaited.extend(built(run, &started)?);
        }
        Ok(Value::Nil)
    }
}

/// What is built at the same time, and builds that are made elsewhere meanwhile; each source with its place.
#[derive(Debug, Default, PartialEq, Eq)]
struct Level {
    sources: Vec<(usize, String)>,
    nvrs: Vec<String>,
}

fn levels(srcs: &Value) -> Result<Vec<Level>> {
    let lists = srcs.as_array().ok_or_else(|| Error::parameter("srcs must be a list of lists of sources"))?;
    lists.iter().map(|list| Ok(level(texts(list)?))).collect()
}

fn level(texts: Vec<String>) -> Level {
    let mut level = Level::default();
    for (at, text) in texts.into_iter().enumerate() {
        if is_scm_url(&text) {
            level.sources.push((at, text));
        } else {
            level.nvrs.push(text);
        }
    }
    level
}

fn wait_for_repo(run: &mut Run, tag: &str, at: usize, nvrs: Vec<String>) -> Result<()> {
    let nvrs: Vec<Value> = nvrs.into_iter().map(Value::from).collect();
    let label = format!("wait {at}");
    let params = args![tag, Value::Nil, nvrs];
    let task = run.subtask(Subtask { method: "waitrepo", params, label: &label, arch: "noarch" })?;
    run.wait_for(&[task], true).map(drop)
}

fn start(run: &mut Run, params: &Params, at: usize, sources: &[(usize, String)]) -> Result<Vec<i64>> {
    let mut tasks = vec![];
    for (place, source) in sources {
        let label = format!("build {at},{place}");
        let params = args![source.as_str(), params.get("target").clone(), params.get("opts").clone()];
        tasks.push(run.subtask(Subtask { method: "build", params, label: &label, arch: "noarch" })?);
    }
    Ok(tasks)
}

/// The builds that tasks have made.
fn built(run: &mut Run, tasks: &[i64]) -> Result<Vec<String>> {
    let mut nvrs = vec![];
    for task in tasks {
        let builds = run.ask(ListBuilds { taskID: Some(*task), ..ListBuilds::new() })?;
        nvrs.extend(field(item(&builds, 0), "nvr").as_str().map(ToOwned::to_owned));
    }
    Ok(nvrs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_source_is_a_build_to_wait_for() {
        let first = Value::Array(args!["bash-5.2-1", "git://h/r#1", "git+https://h/s#2"]);
        let levels = levels(&Value::Array(vec![first, Value::Array(vec![])])).unwrap();
        assert_eq!(levels[0].nvrs, ["bash-5.2-1"]);
        assert_eq!(levels[0].sources, [(1, "git://h/r#1".to_owned()), (2, "git+https://h/s#2".to_owned())]);
        assert_eq!(levels[1], Level::default());
        assert!(super::levels(&Value::from("git://h/r#1")).is_err());
    }
}
