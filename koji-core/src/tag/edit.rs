//! Editing tags. The name is changed in place; all else is versioned, and written only if it differs.

use super::access;
use super::changes::Changes;
use super::create::{Arches, maven_off};
use super::extra;
use super::get::{self, TagRow, When};
use crate::arch::Separators;
use crate::context::Cx;
use crate::db::lookup::{self, Named};
use crate::db::{Insert, Lookup, Update, versioned};
use crate::{Error, Result};

/// Edits a tag.
pub fn edit(cx: &mut Cx<'_>, tag: &Lookup, changes: &Changes) -> Result<()> {
    let wants_maven = changes.maven_support.is_some() || changes.maven_include_all.is_some();
    if wants_maven && !cx.env.config.flag("EnableMaven") {
        return Err(maven_off());
    }
    access::hold(cx, tag)?;
    let tag = get::get(cx, tag, When::Now)?;
    let perm = match &changes.perm {
        None => tag.row.perm_id,
        Some(None) => None,
        Some(Some(perm)) => Some(lookup::get(cx, "permissions", "permission", perm)?.id),
    };
    if let Some(name) = changes.name.as_ref().filter(|name| !name.is_empty() && **name != tag.row.name) {
        rename(cx, tag.row.id, name)?;
    }
    let wanted = TagRow {
        perm_id: perm,
        arches: arches(&tag.row, changes.arches.as_ref())?,
        locked: changes.locked.unwrap_or(tag.row.locked),
        maven_support: changes.maven_support.unwrap_or(tag.row.maven_support),
        maven_include_all: changes.maven_include_all.unwrap_or(tag.row.maven_include_all),
        ..tag.row.clone()
    };
    if differ(&tag.row, &wanted) {
        if changes.numbers {
            return Err(Error::unforeseen("flags of a tag are true or false, not numbers"));
        }
        write(cx, &wanted)?;
    }
    extra::change(cx, tag.row.id, &tag.extra, &changes.extra)
}

fn rename(cx: &mut Cx<'_>, tag: i32, name: &str) -> Result<()> {
    cx.env.config.name_limits()?.verify_internal(name)?;
    // A deleted tag still owns its name.
    if let Some(Named { id, .. }) = lookup::find(cx, "tag", &Lookup::from(name))? {
        return Err(Error::generic(format!("Name {name} already taken by tag {id}")));
    }
    Update::table("tag").set("name", name).filter("id = ?", tag).execute(cx.db).map(drop)
}

/// Arches are only judged when they are new.
fn arches(old: &TagRow, new: Option<&Arches>) -> Result<Option<String>> {
    match new {
        None => Ok(old.arches.clone()),
        Some(Arches::Text(text)) if old.arches.as_ref() == Some(text) => Ok(old.arches.clone()),
        Some(new) => new.normalize(Separators::Strict),
    }
}

fn differ(old: &TagRow, new: &TagRow) -> bool {
    let config = |row: &TagRow| {
        (row.perm_id, row.arches.clone(), row.locked, row.maven_support, row.maven_include_all)
    };
    config(old) != config(new)
}

fn write(cx: &mut Cx<'_>, tag: &TagRow) -> Result<()> {
    versioned::revoke(cx, "tag_config", "tag_id = ?", tag.id)?;
    let config = Insert::into("tag_config")
        .set("tag_id", tag.id)
        .set("arches", tag.arches.as_deref())
        .set("perm_id", tag.perm_id)
        .set("locked", tag.locked)
        .set("maven_support", tag.maven_support)
        .set("maven_include_all", tag.maven_include_all);
    versioned::create(cx, config)
}
