//! Making tags.

use super::link_changes::{self, NewLink};
use super::{extra, get};
use crate::arch::{self, Separators};
use crate::context::Cx;
use crate::db::lookup;
use crate::db::{Insert, Lookup, versioned};
use crate::wire::Map;
use crate::{Error, Result};

/// A tag to be made.
#[derive(Clone, Debug)]
pub struct NewTag {
    /// Its name
    pub name: String,
    /// A tag that it inherits from
    pub parent: Option<Lookup>,
    /// Its arches
    pub arches: Arches,
    /// The permission that changes of its content need
    pub perm: Option<Lookup>,
    /// Whether its content may not be changed
    pub locked: bool,
    /// Whether Maven repos are made
    pub maven_support: bool,
    /// Whether these have every build
    pub maven_include_all: bool,
    /// Its extra settings
    pub extra: Option<Map>,
}

/// Arches as clients give them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arches {
    /// None at all
    Missing,
    /// As text
    Text(String),
    /// One by one
    List(Vec<String>),
}

impl Arches {
    /// As the database keeps them; missing ones stay missing.
    pub fn normalize(&self, separators: Separators) -> Result<Option<String>> {
        match self {
            Self::Missing => Ok(None),
            Self::Text(text) => arch::normalize(text, separators).map(Some),
            Self::List(list) => {
                arch::check_list(list)?;
                Ok(Some(list.join(" ")))
            }
        }
    }
}

/// Makes a tag's name and id known, which is not a tag yet.
pub fn name(cx: &mut Cx<'_>, name: &str) -> Result<i32> {
    Insert::into("tag").set("name", name).returning(cx.db, "id")
}

/// Makes a tag and answers its id. The name of a deleted tag brings its id back, and nothing else of it.
pub fn create(cx: &mut Cx<'_>, new: &NewTag) -> Result<i32> {
    cx.env.config.name_limits()?.verify_internal(&new.name)?;
    // Missing arches are stored as empty text, so that this tag never inherits any. Clients rely on that.
    let arches = new.arches.normalize(Separators::Strict)?.unwrap_or_default();
    if (new.maven_support || new.maven_include_all) && !cx.env.config.flag("EnableMaven") {
        return Err(maven_off());
    }
    let name = Lookup::Name(new.name.clone());
    if get::find_row(cx, &name, None)?.is_some() {
        return Err(Error::generic(format!("A tag with the name '{}' already exists", new.name)));
    }
    let parent = match &new.parent {
        None => None,
        Some(parent) => Some(
            get::find_row(cx, parent, None)?
                .ok_or_else(|| Error::generic(format!("Parent tag '{parent}' could not be found")))?,
        ),
    };
    let perm = match &new.perm {
        None => None,
        Some(perm) => Some(lookup::get(cx, "permissions", "permission", perm)?.id),
    };
    let id = match lookup::find(cx, "tag", &name)? {
        Some(deleted) => deleted.id,
        None => Insert::into("tag").set("name", &new.name).returning(cx.db, "id")?,
    };
    let config = Insert::into("tag_config")
        .set("tag_id", id)
        .set("arches", arches)
        .set("perm_id", perm)
        .set("locked", new.locked)
        .set("maven_support", new.maven_support)
        .set("maven_include_all", new.maven_include_all);
    versioned::create(cx, config)?;
    if let Some(extras) = &new.extra {
        extra::set_first(cx, id, extras)?;
    }
    if let Some(parent) = parent {
        link_changes::apply(cx, id, vec![(parent.id.into(), Some(NewLink::plain(0)))], false)?;
    }
    Ok(id)
}

/// The error of Maven's settings where there is no Maven.
pub(super) fn maven_off() -> Error {
    Error::generic("Maven support not enabled (the hub's option EnableMaven)")
}
