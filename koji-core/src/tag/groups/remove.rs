//! Taking entries of groups away, and ending blocks.
//!
//! Only a tag's own entries are touched: what is inherited shows again.

use super::lookup;
use crate::context::Cx;
use crate::db::bind::Each;
use crate::db::lookup as named;
use crate::db::{Bind, Binds, Lookup, Query, versioned};
use crate::tag::access;
use crate::{Error, Result};

/// Takes a group off a tag; it must be there unless forced.
pub fn group(cx: &mut Cx<'_>, tag: &Lookup, group: &Lookup, force: bool) -> Result<()> {
    let tag = access::get(cx, tag)?;
    let group = lookup::get(cx, group)?;
    let gone = Entry::group(tag.id, group.id).revoke(cx)?;
    if gone == 0 && !force {
        return Err(Error::generic(format!("No group: {} found for tag: {}", group.name, tag.name)));
    }
    Ok(())
}

/// Takes a package off a group. Not to have it is no error.
pub fn package(cx: &mut Cx<'_>, tag: &Lookup, group: &Lookup, package: &str) -> Result<()> {
    let (tag, group) = (named::get(cx, "tag", "tag", tag)?, lookup::get(cx, group)?);
    Entry::package(tag.id, group.id, package).revoke(cx).map(drop)
}

/// Takes a requirement off a group. Not to have it is no error.
pub fn requirement(cx: &mut Cx<'_>, tag: &Lookup, group: &Lookup, req: &Lookup) -> Result<()> {
    let (tag, group) = (named::get(cx, "tag", "tag", tag)?, lookup::get(cx, group)?);
    let req = lookup::get(cx, req)?;
    Entry::requirement(tag.id, group.id, req.id).revoke(cx).map(drop)
}

/// Ends a tag's own block of a group.
pub fn unblock_group(cx: &mut Cx<'_>, tag: &Lookup, group: &Lookup) -> Result<()> {
    let (tag, group) = (named::get(cx, "tag", "tag", tag)?, lookup::get(cx, group)?);
    let not = || format!("group {} is NOT blocked in tag {}", group.name, tag.name);
    Entry::group(tag.id, group.id).unblock(cx, not)
}

/// Ends a tag's own block of a package in a group.
pub fn unblock_package(cx: &mut Cx<'_>, tag: &Lookup, group: &Lookup, package: &str) -> Result<()> {
    let (tag, group) = (named::get(cx, "tag", "tag", tag)?, lookup::get(cx, group)?);
    let not = || format!("package {package} is NOT blocked in group {}, tag {}", group.name, tag.name);
    Entry::package(tag.id, group.id, package).unblock(cx, not)
}

/// Ends a tag's own block of a requirement of a group.
pub fn unblock_requirement(cx: &mut Cx<'_>, tag: &Lookup, group: &Lookup, req: &Lookup) -> Result<()> {
    let (tag, group) = (named::get(cx, "tag", "tag", tag)?, lookup::get(cx, group)?);
    let req = lookup::get(cx, req)?;
    let not = || format!("group req {} is NOT blocked in group {}, tag {}", req.name, group.name, tag.name);
    Entry::requirement(tag.id, group.id, req.id).unblock(cx, not)
}

/// An entry that a tag itself has.
struct Entry {
    table: &'static str,
    condition: &'static str,
    key: Vec<Bind>,
}

impl Entry {
    fn group(tag: i32, group: i32) -> Self {
        let (table, condition) = ("group_config", "tag_id = ? AND group_id = ?");
        Self { table, condition, key: (tag, group).into_binds() }
    }

    fn package(tag: i32, group: i32, package: &str) -> Self {
        let condition = "tag_id = ? AND group_id = ? AND package = ?";
        Self { table: "group_package_listing", condition, key: (tag, group, package).into_binds() }
    }

    fn requirement(tag: i32, group: i32, req: i32) -> Self {
        let condition = "tag_id = ? AND group_id = ? AND req_id = ?";
        Self { table: "group_req_listing", condition, key: (tag, group, req).into_binds() }
    }

    fn revoke(self, cx: &mut Cx<'_>) -> Result<usize> {
        versioned::revoke(cx, self.table, self.condition, Each(self.key))
    }

    fn unblock(self, cx: &mut Cx<'_>, not: impl FnOnce() -> String) -> Result<()> {
        let blocked = Query::from(self.table)
            .filter("active = TRUE AND blocked = TRUE", ())
            .filter(self.condition, Each(self.key.clone()))
            .for_update()
            .select_first::<bool>(cx.db, "blocked")?;
        match blocked {
            Some(_) => self.revoke(cx).map(drop),
            None => Err(Error::generic(not())),
        }
    }
}
