//! The questions that tests ask about what a request names. Whoever applies a policy answers them.
//!
//! A [`Value`] that names a thing is its id, its name, or a struct with either, just as in the API.

use crate::wire::Value;
use crate::{Error, Result};

/// A user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The id.
    pub id: i64,
    /// The name.
    pub name: String,
}

/// A build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// The id.
    pub id: i64,
    /// The package's name.
    pub package: String,
    /// The version.
    pub version: String,
    /// The release.
    pub release: String,
    /// The volume's name.
    pub volume: String,
    /// The owner's id.
    pub owner_id: i64,
    /// Whether the owner is a group.
    pub owner_is_group: bool,
    /// Whether it is a draft.
    pub draft: bool,
    /// Where its source came from, if that is recorded.
    pub source: Option<String>,
    /// The task that made it.
    pub task_id: Option<i64>,
}

/// A package: the id is missing where the package does not exist yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// The id.
    pub id: Option<i64>,
    /// The name.
    pub name: String,
}

/// A tag, as it was at an event if one is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// The id.
    pub id: i64,
    /// The name.
    pub name: String,
    /// The event of which it is asked; none is now.
    pub event: Option<i64>,
}

/// A buildroot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Buildroot {
    /// The content generator that it belongs to.
    pub content_generator: Option<String>,
    /// The tag of its repository, at the event of that repository.
    pub tag: Option<Tag>,
}

/// Answers. `find_` functions give none for what is unknown, the others an error.
pub trait Facts {
    /// A user, or with none the one who calls, who may be nobody.
    fn find_user(&mut self, user: Option<&Value>) -> Result<Option<User>>;
    /// The ids and names of the groups that a user is in.
    fn user_groups(&mut self, user_id: i64) -> Result<Vec<(i64, String)>>;
    /// The permissions that a user holds.
    fn user_perms(&mut self, user_id: i64) -> Result<Vec<String>>;
    /// A package.
    fn find_package(&mut self, package: &Value) -> Result<Option<Package>>;
    /// A build.
    fn find_build(&mut self, build: &Value) -> Result<Option<Build>>;
    /// A build that must be there.
    fn build(&mut self, build: &Value) -> Result<Build> {
        self.find_build(build)?.ok_or_else(|| Error::generic("No such build"))
    }
    /// Whether a regular build stands where a draft is meant to go.
    fn is_superseded(&mut self, draft_id: i64) -> Result<bool>;
    /// The names of the tags that a build has now.
    fn build_tags(&mut self, build_id: i64) -> Result<Vec<String>>;
    /// The names of a build's types.
    fn build_types(&mut self, build_id: i64) -> Result<Vec<String>>;
    /// The buildroots of all rpms and archives of a build; none for a part that was imported.
    fn build_buildroots(&mut self, build_id: i64) -> Result<Vec<Option<i64>>>;
    /// Buildroots, in any order.
    fn buildroots(&mut self, buildroot_ids: &[i64]) -> Result<Vec<Buildroot>>;
    /// The name of a content generator.
    fn content_generator(&mut self, generator: &Value) -> Result<String>;
    /// A tag as it is now.
    fn find_tag(&mut self, tag: &Value) -> Result<Option<Tag>>;
    /// A build tag: also one that is gone, as it was last.
    fn build_tag(&mut self, tag: &Value) -> Result<Tag>;
    /// The build tag of a target.
    fn find_target_build_tag(&mut self, target: &Value) -> Result<Option<Tag>>;
    /// The names of all tags that a tag inherits from.
    fn ancestors(&mut self, tag: &Tag) -> Result<Vec<String>>;
    /// The name of a volume.
    fn find_volume(&mut self, volume: &Value) -> Result<Option<String>>;
    /// Where the source of a build task came from, according to its parameters.
    fn find_task_source(&mut self, task_id: i64) -> Result<Option<String>>;
}
