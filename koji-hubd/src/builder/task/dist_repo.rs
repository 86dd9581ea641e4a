//! `distRepo`: makes a repository for distribution, an arch at a time by `createdistrepo` subtasks.

use std::collections::BTreeSet;

use koji_core::api::repo::{HostDistRepoMove, HostRepoDone};
use koji_core::api::tag::GetTag;
use koji_core::arch::canonical;
use koji_core::client::field;
use koji_core::db::Lookup;
use koji_core::paths::task_relative;
use koji_core::wire::{Map, Value};
use koji_core::{Error, Result};

use super::dist_arch;
use super::repo::texts;
use super::run::{Run, Subtask};
use super::{Failure, Params, Signature, TaskHandler};

/// Makes a repository that the hub has begun.
pub(super) struct DistRepo;

impl TaskHandler for DistRepo {
    fn method(&self) -> &'static str {
        "distRepo"
    }

    fn signature(&self) -> Signature {
        Signature { names: &["tag", "repo_id", "keys", "task_opts"], required: 4 }
    }

    fn weight(&self) -> f64 {
        0.1
    }

    fn run(&self, run: &mut Run, params: &Params) -> Result<Value, Failure> {
        let opts = params.get("task_opts");
        let event = koji_core::api::Arg::take(field(opts, "event").clone())?;
        let tag = GetTag { strict: true, event, ..GetTag::new(params.read::<Lookup>("tag")?) };
        let tag = run.ask(tag)?;
        let arches =
            arches(&texts(field(opts, "arch"))?, field(&tag, "arches").as_str().unwrap_or_default())?;
        let repo = params.int("repo_id")?;
        let (wide, narrow): (Vec<_>, Vec<_>) =
            arches.iter().partition::<Vec<&String>, _>(|arch| dist_arch::is_multilib(arch));
        let mut tasks = start(run, params, &arches, &narrow)?;
        let multilib = field(opts, "multilib").is_true();
        if multilib && !tasks.is_empty() {
            // the wide arches take packages out of what the narrow ones made
            finish(run, repo, &tasks)?;
            let tasks = start(run, params, &arches, &wide)?;
            finish(run, repo, &tasks)?;
        } else {
            tasks.extend(start(run, params, &arches, &wide)?);
            finish(run, repo, &tasks)?;
        }
        run.call(HostRepoDone::new(repo, Map::new()))?;
        Ok(format!("Dist repository #{repo} successfully generated").into())
    }
}

/// A subtask for each of some arches.
fn start(run: &mut Run, params: &Params, all: &[String], arches: &[&String]) -> Result<Vec<(String, i64)>> {
    let mut opts = params.get("task_opts").as_struct().unwrap_or_default().to_vec();
    if let Some((_, value)) = opts.iter_mut().find(|(name, _)| name == "arch") {
        *value = Value::Array(all.iter().map(|arch| arch.as_str().into()).collect());
    }
    let mut tasks = vec![];
    for arch in arches {
        let params = args![
            params.get("tag").clone(),
            params.get("repo_id").clone(),
            arch.as_str(),
            params.get("keys").clone(),
            Value::Struct(opts.clone())
        ];
        let subtask = Subtask { method: "createdistrepo", params, label: arch, arch: "noarch" };
        tasks.push(((*arch).clone(), run.subtask(subtask)?));
    }
    Ok(tasks)
}

/// Waits for subtasks and has the hub take what each made.
fn finish(run: &mut Run, repo: i64, tasks: &[(String, i64)]) -> Result<()> {
    let ids: Vec<i64> = tasks.iter().map(|(_, id)| *id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    run.wait_for(&ids, true)?;
    for (arch, task) in tasks {
        run.call(HostDistRepoMove::new(repo, task_relative(*task), arch))?;
    }
    Ok(())
}

/// The canonical arches, each once: those asked for, or those of the tag.
fn arches(wanted: &[String], tag: &str) -> Result<Vec<String>> {
    let names: BTreeSet<&str> = if wanted.is_empty() {
        tag.split_whitespace().map(canonical).collect()
    } else {
        wanted.iter().map(|arch| canonical(arch)).collect()
    };
    if names.is_empty() {
        return Err(Error::generic("No arches specified nor for the tag!"));
    }
    Ok(names.into_iter().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arches_are_canonical() {
        let wanted = ["i686".to_owned(), "i586".to_owned(), "x86_64".to_owned()];
        assert_eq!(arches(&wanted, "s390x").unwrap(), ["i386", "x86_64"]);
        assert_eq!(arches(&[], "s390x src").unwrap(), ["s390x", "src"]);
        assert!(arches(&[], " ").is_err());
    }
}
