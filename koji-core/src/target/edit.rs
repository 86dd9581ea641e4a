//! Making, changing and deleting build targets.

use super::get;
use crate::context::Cx;
use crate::db::lookup::{self, Named};
use crate::db::{Insert, Lookup, Update, versioned};
use crate::tag;
use crate::{Error, Result};

/// The tags of a target, by their ids.
#[derive(Clone, Copy, Debug)]
pub struct Tags {
    /// That which builds are made with
    pub build: i32,
    /// That which builds are put into
    pub dest: i32,
}

/// Makes a target; its tags are looked up once its name is found to be free. The name of a deleted one brings its id
/// back.
pub fn create(cx: &mut Cx<'_>, name: &str, tags: impl FnOnce(&mut Cx<'_>) -> Result<Tags>) -> Result<()> {
    cx.env.config.name_limits()?.verify_internal(name)?;
    let wanted = Lookup::from(name);
    if get::find_named(cx, &wanted, None)?.is_some() {
        return Err(Error::generic(format!("A build target with the name '{name}' already exists")));
    }
    let tags = tags(cx)?;
    let id = match lookup::find(cx, "build_target", &wanted)? {
        Some(deleted) => deleted.id,
        None => Insert::into("build_target").set("name", name).returning(cx.db, "id")?,
    };
    write(cx, id, tags)
}

/// Changes a target, and brings a deleted one back. Which it is, is asked once its name is found to be one, and its tags
/// are looked up once it is found.
pub fn edit(
    cx: &mut Cx<'_>,
    target: impl FnOnce() -> Result<Lookup>,
    name: &str,
    tags: impl FnOnce(&mut Cx<'_>) -> Result<Tags>,
) -> Result<()> {
    cx.env.config.name_limits()?.verify_internal(name)?;
    let target = any(cx, &target()?)?;
    let tags = tags(cx)?;
    if target.name != name {
        rename(cx, target.id, name)?;
    }
    versioned::revoke(cx, "build_target_config", "build_target_id = ?", target.id)?;
    write(cx, target.id, tags)
}

/// Deletes a target; one that is deleted already is no error.
pub fn delete(cx: &mut Cx<'_>, target: &Lookup) -> Result<()> {
    let target = any(cx, target)?;
    versioned::revoke(cx, "build_target_config", "build_target_id = ?", target.id).map(drop)
}

/// A target, deleted or not.
fn any(cx: &mut Cx<'_>, target: &Lookup) -> Result<Named> {
    lookup::find(cx, "build_target", target)?.ok_or_else(|| get::missing(target))
}

fn rename(cx: &mut Cx<'_>, id: i32, name: &str) -> Result<()> {
    if let Some(other) = lookup::find(cx, "build_target", &Lookup::from(name))? {
        return Err(Error::generic(format!("name \"{name}\" is already taken by build target {}", other.id)));
    }
    Update::table("build_target").set("name", name).filter("id = ?", id).execute(cx.db).map(drop)
}

/// The id of a tag; `what` says in an error which of a target's it is.
pub fn tag(cx: &mut Cx<'_>, what: &str, tag: &Lookup) -> Result<i32> {
    let found = tag::get::find_row(cx, tag, None)?;
    found.map(|row| row.id).ok_or_else(|| Error::generic(format!("{what} tag '{tag}' does not exist")))
}

fn write(cx: &mut Cx<'_>, id: i32, tags: Tags) -> Result<()> {
    let config = Insert::into("build_target_config")
        .set("build_target_id", id)
        .set("build_tag", tags.build)
        .set("dest_tag", tags.dest);
    versioned::create(cx, config)
}
