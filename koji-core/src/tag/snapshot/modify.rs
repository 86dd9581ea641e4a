//! A tag changed to be like another one.

use std::collections::HashSet;

use super::{Wish, builds, groups};
use crate::context::Cx;
use crate::db::Lookup;
use crate::package::copy;
use crate::package::listing::{self, Listed, Wanted};
use crate::tag::access;
use crate::tag::changes::Changes;
use crate::tag::create::Arches;
use crate::tag::edit;
use crate::tag::get::{self, Tag, When};
use crate::{Error, Result};

/// Changes the tag. It must be there.
pub fn modify(cx: &mut Cx<'_>, wish: &Wish) -> Result<()> {
    wish.check()?;
    let src = wish.source(cx)?;
    let dst = get::get(cx, &wish.dst, When::Now)?;
    if let Some(locked) = [&src, &dst].into_iter().find(|tag| tag.row.locked && !wish.force) {
        let name = &locked.row.name;
        return Err(Error::generic(format!(
            "Source or destination tag is locked, use force to copy: {name}"
        )));
    }
    let id = dst.row.id;
    if wish.config {
        edit::edit(cx, &Lookup::from(id), &config(&src, &dst))?;
        cx.forget_event();
    }
    let state = access::get(cx, &Lookup::from(id))?;
    if wish.packages {
        let source = listing::list(cx, &Wanted::all(src.row.id).at(wish.event))?;
        let held = listing::list(cx, &Wanted::all(id))?;
        copy::put(cx, &state, &only_in(&held, &source, true), true)?;
        copy::put(cx, &state, &only_in(&source, &held, false), false)?;
        cx.forget_event();
    }
    if wish.builds {
        builds::follow(cx, wish, src.row.id, &state)?;
    }
    if wish.groups {
        groups::follow(cx, wish, src.row.id, id)?;
        cx.forget_event();
    }
    Ok(())
}

/// Everything of the source's configuration; extra settings that it does not have are removed.
fn config(src: &Tag, dst: &Tag) -> Changes {
    let mut changes = Changes {
        arches: Some(src.row.arches.clone().map_or(Arches::Missing, Arches::Text)),
        perm: Some(src.row.perm_id.map(Lookup::from)),
        locked: Some(src.row.locked),
        maven_support: Some(src.row.maven_support),
        maven_include_all: Some(src.row.maven_include_all),
        ..Changes::default()
    };
    changes.extra.set = src.extra.clone().into_iter().collect();
    changes.extra.remove = dst.extra.keys().filter(|key| !src.extra.contains_key(*key)).cloned().collect();
    changes
}

/// Entries of packages that the other list does not have; for blocking, those that are blocked already are left out.
fn only_in(list: &[Listed], other: &[Listed], block: bool) -> Vec<Listed> {
    let known: HashSet<i32> = other.iter().map(|entry| entry.package_id).collect();
    list.iter()
        .filter(|entry| !(known.contains(&entry.package_id) || block && entry.blocked))
        .map(|entry| Listed { blocked: block || entry.blocked, ..entry.clone() })
        .collect()
}
