//! [`Parts`]: the subtasks that make the images of a build, one for each arch, and the rpms around what they give.

use koji_core::client::field;
use koji_core::wire::{Map, Value};
use koji_core::{Error, Result};

use super::super::Params;
use super::super::run::{Run, Subtask, need_int};
use super::super::wait::{self, Waiting};
use super::super::wrapper::{Wish, with_task, wrap};
use super::{Build, Images};

/// What the subtasks are about.
pub(super) struct Parts<'a> {
    pub kind: &'a Images,
    pub params: &'a Params,
    pub target: &'a Value,
    pub repo: &'a Value,
    pub arches: &'a [String],
}

impl Parts<'_> {
    /// Makes the images and the rpms around them; gives the results by arch, without those that may and did fail.
    pub fn make(&self, run: &mut Run, build: &Build) -> Result<Map> {
        let mut tasks = vec![];
        for arch in self.arches {
            let label = (self.kind.label)(arch);
            let request = self.request(build, arch)?;
            tasks.push(run.subtask(Subtask {
                method: self.kind.part,
                params: request,
                label: &label,
                arch,
            })?);
        }
        let optional = names(self.params.opt("optional_arches"));
        let of = self.arches.iter().zip(&tasks);
        let may_fail = |(arch, _): &(&String, &i64)| optional.contains(&arch.as_str());
        let can_fail: Vec<i64> = of.clone().filter(may_fail).map(|(_, task)| *task).collect();
        let waiting = Waiting { fail_any: true, can_fail: &can_fail, ..Waiting::all(&tasks) };
        let mut given = wait::wait(run, &waiting)?;
        let mut results = Map::new();
        for (arch, task) in of {
            let result = given.remove(task).unwrap_or_default();
            if result.is_true() && field(&result, "faultCode").is_nil() {
                results.push((arch.clone(), with_task(result, *task)));
            }
        }
        if results.is_empty() {
            return Err(Error::generic("all subtasks failed"));
        }
        self.wrap_all(run, build, &mut results)?;
        if let Some(kickstart) = self.params.opt("kickstart").as_str() {
            keep_once(&mut results, kickstart.rsplit('/').next().unwrap_or(kickstart));
        }
        Ok(results)
    }

    fn request(&self, build: &Build, arch: &str) -> Result<Vec<Value>> {
        let params = self.params;
        let source = match params.get("inst_tree").as_str() {
            Some(tree) => tree.replace("$arch", arch),
            None => params.text("ksfile")?.to_owned(),
        };
        let opts =
            if params.get("opts").is_nil() { Value::Struct(vec![]) } else { params.get("opts").clone() };
        Ok(args![
            params.text("name")?,
            params.text("version")?,
            build.release.as_str(),
            arch,
            self.target.clone(),
            need_int(self.target, "build_tag")?,
            self.repo.clone(),
            source,
            opts
        ])
    }

    fn wrap_all(&self, run: &mut Run, build: &Build, results: &mut Map) -> Result<()> {
        let Some(spec_url) = self.params.opt("specfile").as_str().filter(|url| !url.is_empty()) else {
            return Ok(());
        };
        let repo_id = need_int(self.repo, "id")?;
        for (_, result) in results {
            let task = need_int(result, "task_id")?;
            let target = self.target;
            let rpms = wrap(
                run,
                Wish { spec_url, task, target, build: build.info.clone(), repo_id, channel: None },
            )?;
            if let Value::Struct(members) = result {
                members.push(("rpmresults".to_owned(), rpms));
            }
        }
        Ok(())
    }
}

/// Names in a list, or with commas between them, as some commands send them.
fn names(value: &Value) -> Vec<&str> {
    let list = value.as_array().unwrap_or_default().iter().filter_map(Value::as_str);
    list.chain(value.as_str().into_iter().flat_map(|text| text.split(','))).collect()
}

/// All arches have the file that the user gave; it is imported with the first of them only.
fn keep_once(results: &mut Map, name: &str) {
    let mut seen = false;
    for (_, result) in results {
        let Value::Struct(members) = result else { continue };
        let files = members.iter_mut().find(|(key, _)| key == "files");
        let Some((_, Value::Array(files))) = files else { continue };
        let has = files.iter().any(|file| file.as_str() == Some(name));
        if seen {
            files.retain(|file| file.as_str() != Some(name));
        }
        seen |= has;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_in_two_forms() {
        assert_eq!(names(&Value::Array(args!["a", "b"])), names(&"a,b".into()));
        assert!(names(&Value::Nil).is_empty());
    }

    #[test]
    fn the_users_own_file_is_imported_once() {
        let result = |files: Vec<Value>| Value::Struct(map! { "files" => files });
        let mut results = map! {
            "x86_64" => result(args!["a.img"]),
            "i386" => result(args!["a.ks", "b.img"]),
            "aarch64" => result(args!["a.ks", "c.img"]),
        };
        keep_once(&mut results, "a.ks");
        let want = map! {
            "x86_64" => result(args!["a.img"]),
            "i386" => result(args!["a.ks", "b.img"]),
            "aarch64" => result(args!["c.img"]),
        };
        assert_eq!(results, want);
    }
}
