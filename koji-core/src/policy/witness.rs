//! [`Witness`]: answers for tests, and notes each answer in words.

use super::facts::{Build, Buildroot, Facts, Package, Tag, User};
use super::trace::Notes;
use crate::Result;
use crate::wire::Value;

/// Passes questions on and notes the answers.
pub(super) struct Witness<'a> {
    pub(super) facts: &'a mut dyn Facts,
    pub(super) notes: Notes,
}

impl Witness<'_> {
    /// Notes an answer, once for each test however often it asks.
    fn note(&self, text: String) {
        let mut notes = self.notes.borrow_mut();
        if !notes.contains(&text) {
            notes.push(text);
        }
    }

    fn list<'t>(&self, what: &str, names: impl IntoIterator<Item = &'t str>) {
        let names: Vec<&str> = names.into_iter().collect();
        let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        self.note(format!("{what}: {names}"));
    }

    fn tag(&self, what: &str, tag: Option<&Tag>) {
        self.note(format!("{what}: {}", tag.map_or("none", |tag| &tag.name)));
    }
}

impl Facts for Witness<'_> {
    fn find_user(&mut self, user: Option<&Value>) -> Result<Option<User>> {
        let found = self.facts.find_user(user)?;
        self.note(match &found {
            Some(user) => format!("user: {}", user.name),
            None => "user: nobody".into(),
        });
        Ok(found)
    }
    fn user_groups(&mut self, user_id: i64) -> Result<Vec<(i64, String)>> {
        let groups = self.facts.user_groups(user_id)?;
        self.list("groups of the user", groups.iter().map(|(_, name)| name.as_str()));
        Ok(groups)
    }
    fn user_perms(&mut self, user_id: i64) -> Result<Vec<String>> {
        let perms = self.facts.user_perms(user_id)?;
        self.list("permissions of the user", perms.iter().map(String::as_str));
        Ok(perms)
    }
    fn find_package(&mut self, package: &Value) -> Result<Option<Package>> {
        let found = self.facts.find_package(package)?;
        self.note(match &found {
            Some(package) => format!("package: {}", package.name),
            None => "package: not there yet".into(),
        });
        Ok(found)
    }
    fn find_build(&mut self, build: &Value) -> Result<Option<Build>> {
        let found = self.facts.find_build(build)?;
        self.note(match &found {
            Some(build) => told(build),
            None => "build: not there".into(),
        });
        Ok(found)
    }
    fn build(&mut self, build: &Value) -> Result<Build> {
        let found = self.facts.build(build)?;
        self.note(told(&found));
        Ok(found)
    }
    fn is_superseded(&mut self, draft_id: i64) -> Result<bool> {
        let superseded = self.facts.is_superseded(draft_id)?;
        self.note(format!("a regular build stands where the draft goes: {superseded}"));
        Ok(superseded)
    }
    fn build_tags(&mut self, build_id: i64) -> Result<Vec<String>> {
        let tags = self.facts.build_tags(build_id)?;
        self.list("tags of the build", tags.iter().map(String::as_str));
        Ok(tags)
    }
    fn build_types(&mut self, build_id: i64) -> Result<Vec<String>> {
        let types = self.facts.build_types(build_id)?;
        self.list("types of the build", types.iter().map(String::as_str));
        Ok(types)
    }
    fn build_buildroots(&mut self, build_id: i64) -> Result<Vec<Option<i64>>> {
        let rooms = self.facts.build_buildroots(build_id)?;
        let known: Vec<String> =
            rooms.iter().map(|id| id.map_or("none (imported)".into(), |id| id.to_string())).collect();
        self.list("buildroots of the build", known.iter().map(String::as_str));
        Ok(rooms)
    }
    fn buildroots(&mut self, buildroot_ids: &[i64]) -> Result<Vec<Buildroot>> {
        let rooms = self.facts.buildroots(buildroot_ids)?;
        let tags = rooms.iter().filter_map(|room| room.tag.as_ref().map(|tag| tag.name.as_str()));
        self.list("tags of the buildroots", tags);
        self.list("content generators", rooms.iter().filter_map(|room| room.content_generator.as_deref()));
        Ok(rooms)
    }
    fn content_generator(&mut self, generator: &Value) -> Result<String> {
        let name = self.facts.content_generator(generator)?;
        self.note(format!("content generator: {name}"));
        Ok(name)
    }
    fn find_tag(&mut self, tag: &Value) -> Result<Option<Tag>> {
        let found = self.facts.find_tag(tag)?;
        self.tag("tag", found.as_ref());
        Ok(found)
    }
    fn build_tag(&mut self, tag: &Value) -> Result<Tag> {
        let found = self.facts.build_tag(tag)?;
        self.tag("build tag", Some(&found));
        Ok(found)
    }
    fn find_target_build_tag(&mut self, target: &Value) -> Result<Option<Tag>> {
        let found = self.facts.find_target_build_tag(target)?;
        self.tag("build tag of the target", found.as_ref());
        Ok(found)
    }
    fn ancestors(&mut self, tag: &Tag) -> Result<Vec<String>> {
        let names = self.facts.ancestors(tag)?;
        self.list(&format!("{} inherits from", tag.name), names.iter().map(String::as_str));
        Ok(names)
    }
    fn find_volume(&mut self, volume: &Value) -> Result<Option<String>> {
        let found = self.facts.find_volume(volume)?;
        self.note(format!("volume: {}", found.as_deref().unwrap_or("none")));
        Ok(found)
    }
    fn find_task_source(&mut self, task_id: i64) -> Result<Option<String>> {
        let found = self.facts.find_task_source(task_id)?;
        self.note(format!("source of task {task_id}: {}", found.as_deref().unwrap_or("none")));
        Ok(found)
    }
}

fn told(build: &Build) -> String {
    let Build { package, version, release, volume, draft, .. } = build;
    let draft = if *draft { ", a draft" } else { "" };
    let source = build.source.as_ref().map_or(String::new(), |source| format!(", source {source}"));
    format!("build: {package}-{version}-{release} on volume {volume}{draft}{source}")
}
