//! Making, changing and deleting build targets.

use super::get;
use crate::context::Cx;
use crate::db::lookup::{self, Named};
use crate::db::{Insert, Lookup, Update, versioned};
use crate::tag;
use crate::{Error, Result};

/// What a target is to be.
#[derive(Clone, Debug)]
pub struct NewTarget {
    /// Its name
    pub name: String,
    /// The tag that builds are made with
    pub build_tag: Lookup,
    /// The tag that builds are put into
    pub dest_tag: Lookup,
}

/// Makes a target. The name of a deleted one brings its id back.
pub fn create(cx: &mut Cx<'_>, new: &NewTarget) -> Result<()> {
    cx.env.config.name_limits()?.verify_internal(&new.name)?;
    let name = Lookup::Name(new.name.clone());
    if get::find_named(cx, &name, None)?.is_some() {
        return Err(Error::generic(format!("A build target with the name '{}' already exists", new.name)));
    }
    let tags = tags(cx, new)?;
    let id = match lookup::find(cx, "build_target", &name)? {
        Some(deleted) => deleted.id,
        None => Insert::into("build_target").set("name", &new.name).returning(cx.db, "id")?,
    };
    write(cx, id, tags)
}

/// Changes a target, and brings a deleted one back.
pub fn edit(cx: &mut Cx<'_>, target: &Lookup, new: &NewTarget) -> Result<()> {
    cx.env.config.name_limits()?.verify_internal(&new.name)?;
    let target = any(cx, target)?;
    let tags = tags(cx, new)?;
    if target.name != new.name {
        rename(cx, target.id, &new.name)?;
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

/// The ids of the two tags.
fn tags(cx: &mut Cx<'_>, new: &NewTarget) -> Result<(i32, i32)> {
    let mut id = |what: &str, tag: &Lookup| -> Result<i32> {
        let found = tag::get::find_row(cx, tag, None)?;
        found.map(|row| row.id).ok_or_else(|| Error::generic(format!("{what} tag '{tag}' does not exist")))
    };
    Ok((id("build", &new.build_tag)?, id("destination", &new.dest_tag)?))
}

fn write(cx: &mut Cx<'_>, id: i32, (build_tag, dest_tag): (i32, i32)) -> Result<()> {
    let config = Insert::into("build_target_config")
        .set("build_target_id", id)
        .set("build_tag", build_tag)
        .set("dest_tag", dest_tag);
    versioned::create(cx, config)
}
