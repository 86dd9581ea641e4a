//! [`NoFacts`]: for whoever applies a policy without a database. Rules that look only at the request work; a test that
//! asks for more is an error.

use super::facts::{Build, Buildroot, Facts, Package, Tag, User};
use crate::wire::Value;
use crate::{Error, Result};

/// Knows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFacts;

fn unknown<T>(what: &str) -> Result<T> {
    Err(Error::generic(format!(
        "this test asks for {what}, which only a database knows (give one with --db)"
    )))
}

impl Facts for NoFacts {
    fn find_user(&mut self, _: Option<&Value>) -> Result<Option<User>> {
        unknown("the user")
    }
    fn user_groups(&mut self, _: i64) -> Result<Vec<(i64, String)>> {
        unknown("the user's groups")
    }
    fn user_perms(&mut self, _: i64) -> Result<Vec<String>> {
        unknown("the user's permissions")
    }
    fn find_package(&mut self, _: &Value) -> Result<Option<Package>> {
        unknown("the package")
    }
    fn find_build(&mut self, _: &Value) -> Result<Option<Build>> {
        unknown("the build")
    }
    fn is_superseded(&mut self, _: i64) -> Result<bool> {
        unknown("the build")
    }
    fn build_tags(&mut self, _: i64) -> Result<Vec<String>> {
        unknown("the build's tags")
    }
    fn build_types(&mut self, _: i64) -> Result<Vec<String>> {
        unknown("the build's types")
    }
    fn build_buildroots(&mut self, _: i64) -> Result<Vec<Option<i64>>> {
        unknown("the build's buildroots")
    }
    fn buildroots(&mut self, _: &[i64]) -> Result<Vec<Buildroot>> {
        unknown("buildroots")
    }
    fn content_generator(&mut self, _: &Value) -> Result<String> {
        unknown("the content generator")
    }
    fn find_tag(&mut self, _: &Value) -> Result<Option<Tag>> {
        unknown("the tag")
    }
    fn build_tag(&mut self, _: &Value) -> Result<Tag> {
        unknown("the build tag")
    }
    fn find_target_build_tag(&mut self, _: &Value) -> Result<Option<Tag>> {
        unknown("the target")
    }
    fn ancestors(&mut self, _: &Tag) -> Result<Vec<String>> {
        unknown("the tag's inheritance")
    }
    fn find_volume(&mut self, _: &Value) -> Result<Option<String>> {
        unknown("the volume")
    }
    fn find_task_source(&mut self, _: i64) -> Result<Option<String>> {
        unknown("the task")
    }
}
