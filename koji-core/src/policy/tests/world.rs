//! A small world for the tests of tests: one of each, and a count of the questions.

use crate::policy::facts::{Build, Buildroot, Facts, Package, Tag, User};
use crate::wire::Value;
use crate::{Error, Result};

/// Knows user 1 alice (group 5 qa, permission tag), user 2 root (permission admin), build 7 foo-1-2 of task 3
/// in buildroot 4 of tag f39-build and with an imported part, tags f39-updates and f39-build.
#[derive(Default)]
pub(in crate::policy) struct World {
    pub(in crate::policy) caller: Option<i64>,
    pub(in crate::policy) owner_id: i64,
    pub(in crate::policy) generator: Option<String>,
    pub(in crate::policy) superseded: bool,
    pub(in crate::policy) questions: usize,
}

fn tag(id: i64, name: &str) -> Tag {
    Tag { id, name: name.into(), event: None }
}

impl Facts for World {
    fn find_user(&mut self, user: Option<&Value>) -> Result<Option<User>> {
        self.questions += 1;
        let id = match user {
            Some(Value::Int(id)) => Some(*id),
            Some(_) => None,
            None => self.caller,
        };
        let name = |id| if id == 1 { "alice" } else { "root" };
        Ok(id.map(|id| User { id, name: name(id).into() }))
    }
    fn user_groups(&mut self, user_id: i64) -> Result<Vec<(i64, String)>> {
        Ok(if user_id == 1 { vec![(5, "qa".into())] } else { Vec::new() })
    }
    fn user_perms(&mut self, user_id: i64) -> Result<Vec<String>> {
        Ok(vec![if user_id == 1 { "tag" } else { "admin" }.into()])
    }
    fn find_package(&mut self, package: &Value) -> Result<Option<Package>> {
        let known = *package == Value::String("foo".into()) || *package == Value::Int(11);
        Ok(known.then(|| Package { id: Some(11), name: "foo".into() }))
    }
    fn is_superseded(&mut self, draft_id: i64) -> Result<bool> {
        assert_eq!(draft_id, 7);
        Ok(self.superseded)
    }
    fn find_build(&mut self, build: &Value) -> Result<Option<Build>> {
        self.questions += 1;
        if *build != Value::Int(7) {
            return Ok(None);
        }
        let [package, version, release, volume] = ["foo", "1", "2", "DEFAULT"].map(String::from);
        let owner_is_group = self.owner_id == 5;
        let (owner_id, task_id) = (self.owner_id, Some(3));
        Ok(Some(Build {
            id: 7,
            package,
            version,
            release,
            volume,
            owner_id,
            owner_is_group,
            draft: true,
            source: None,
            task_id,
        }))
    }
    fn build_tags(&mut self, _: i64) -> Result<Vec<String>> {
        Ok(vec!["f39-updates".into()])
    }
    fn build_types(&mut self, _: i64) -> Result<Vec<String>> {
        Ok(vec!["rpm".into(), "image".into()])
    }
    fn build_buildroots(&mut self, _: i64) -> Result<Vec<Option<i64>>> {
        Ok(vec![Some(4), None])
    }
    fn buildroots(&mut self, ids: &[i64]) -> Result<Vec<Buildroot>> {
        assert_eq!(ids, [4]);
        let content_generator = self.generator.clone();
        Ok(vec![Buildroot { content_generator, tag: Some(tag(21, "f39-build")) }])
    }
    fn content_generator(&mut self, generator: &Value) -> Result<String> {
        match generator {
            Value::String(name) => Ok(name.clone()),
            _ => Err(Error::generic("No such content generator")),
        }
    }
    fn find_tag(&mut self, name: &Value) -> Result<Option<Tag>> {
        let known = *name == Value::String("f39-updates".into());
        Ok(known.then(|| tag(20, "f39-updates")))
    }
    fn build_tag(&mut self, name: &Value) -> Result<Tag> {
        match name {
            Value::String(name) => Ok(tag(22, name)),
            _ => Err(Error::generic("No such tag")),
        }
    }
    fn find_target_build_tag(&mut self, target: &Value) -> Result<Option<Tag>> {
        let known = *target == Value::String("f39".into());
        Ok(known.then(|| tag(23, "f39-target-build")))
    }
    fn ancestors(&mut self, tag: &Tag) -> Result<Vec<String>> {
        Ok(vec![format!("{}-parent", tag.name)])
    }
    fn find_volume(&mut self, volume: &Value) -> Result<Option<String>> {
        let known = *volume == Value::String("v2".into());
        Ok(known.then(|| "v2".into()))
    }
    fn find_task_source(&mut self, task_id: i64) -> Result<Option<String>> {
        assert_eq!(task_id, 3);
        Ok(Some("git+https://src/foo#1".into()))
    }
}
