//! `newRepo`: makes a new build repository of a tag, an arch at a time by `createrepo` subtasks.

use koji_core::api::repo::{GetRepo, HostRepoDone, HostRepoInit};
use koji_core::api::tag::GetTag;
use koji_core::client::field;
use koji_core::db::Lookup;
use koji_core::paths::Paths;
use koji_core::wire::{Map, Value};
use koji_core::{Error, Result};

use super::run::{Run, Subtask, need_int, need_text};
use super::{Failure, Params, Signature, TaskHandler};
use crate::builder::files;

/// Makes a repository.
pub(super) struct NewRepo;

impl TaskHandler for NewRepo {
    fn method(&self) -> &'static str {
        "newRepo"
    }

    fn signature(&self) -> Signature {
        Signature { names: &["tag", "event", "src", "debuginfo", "separate_src", "opts"], required: 1 }
    }

    fn weight(&self) -> f64 {
        0.1
    }

    fn run(&self, run: &mut Run, params: &Params) -> Result<Value, Failure> {
        let tag = GetTag::new(params.read::<Lookup>("tag")?);
        let tag = run.ask(GetTag { strict: true, event: params.read("event")?, ..tag })?;
        let (tag_id, tag_name) = (need_int(&tag, "id")?, need_text(&tag, "name")?);
        let task_id = Some(run.id.into());
        let (event, opts) = (params.read("event")?, opts(params)?);
        check_access(run)?;
        let made = run.call(HostRepoInit { task_id, event, opts, ..HostRepoInit::new(tag_id) })?;
        let repo_id = i64::from(made.0);
        let dir = Paths::new(run.settings.topdir()).repo(repo_id, tag_name);
        if !dir.is_dir() {
            return Err(Error::generic(format!("Repo directory missing: {}", dir.display())).into());
        }
        let old = run.ask(GetRepo::new(tag_id))?;
        let (mut arches, mut tasks) = (vec![], vec![]);
        for arch in files::names(&dir)?.into_iter().filter(|arch| dir.join(arch).join("pkglist").is_file()) {
            let params = args![repo_id, arch.as_str(), old.clone()];
            let subtask = Subtask { method: "createrepo", params, label: &arch, arch: "noarch" };
            tasks.push(run.subtask(subtask)?);
            arches.push(arch);
        }
        let mut data = Map::new();
        if !tasks.is_empty() {
            let mut results = run.wait_for(&tasks, true)?;
            for (arch, task) in arches.into_iter().zip(&tasks) {
                data.push((arch, results.remove(task).unwrap_or_default()));
            }
        }
        run.call(HostRepoDone::new(repo_id, data))?;
        Ok(Value::from(args![made.0, made.1]))
    }
}

/// Repositories are made where the hub's files are mounted.
pub(super) fn check_access(run: &Run) -> Result<(), Failure> {
    let dir = run.settings.topdir().join("repos");
    if dir.is_dir() {
        return Ok(());
    }
    Err(Failure::Refuse(format!("No access to repos dir {}", dir.display())))
}

/// The options as one struct; the three older parameters exclude it.
fn opts(params: &Params) -> Result<Value> {
    let named = ["src", "debuginfo", "separate_src"];
    let old: Map = named
        .into_iter()
        .filter(|name| !params.get(name).is_nil())
        .map(|name| (name.to_owned(), Value::from(params.get(name).is_true())))
        .collect();
    let opts = params.get("opts");
    if old.is_empty() {
        return Ok(opts.clone());
    }
    if !opts.is_nil() {
        return Err(Error::parameter("opts parameter cannot be combined with legacy options"));
    }
    Ok(Value::Struct(old))
}

/// The name of a repository's tag.
pub(super) fn tag_name(repo: &Value) -> Result<&str> {
    field(repo, "tag_name").as_str().ok_or_else(|| Error::generic("the hub's repository has no tag"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_and_new_options_exclude_each_other() {
        let bind = |request| Params::bind(NewRepo.signature(), request).unwrap();
        assert_eq!(opts(&bind(args!["t"])).unwrap(), Value::Nil);
        let old = bind(args!["t", Value::Nil, true]);
        assert_eq!(opts(&old).unwrap(), Value::Struct(map! { "src" => true }));
        let both = args!["t", Value::Nil, true, Value::Nil, Value::Nil, Value::Struct(vec![])];
        assert!(opts(&bind(both)).is_err());
    }
}
