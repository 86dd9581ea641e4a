//! Adding to the groups of a tag, and blocking. Each change is a new version of an entry; fields that are not
//! given keep the value that holds, inherited or not.

use super::lookup;
use super::read::{self, Wanted};
use super::rows::{Group, PackageRow, ReqRow};
use crate::context::Cx;
use crate::db::lookup::{self as named, Named};
use crate::db::{Insert, Lookup, versioned};
use crate::tag::access;
use crate::wire::{Map, Value};
use crate::{Error, Result};

/// How to add.
#[derive(Clone, Debug, Default)]
pub struct How {
    /// Add an entry that blocks
    pub block: bool,
    /// Add although what holds is blocked
    pub force: bool,
    /// Fields of the entry; unknown ones are passed over, as Koji does
    pub fields: Map,
}

impl How {
    /// An entry that blocks.
    pub fn block() -> Self {
        Self { block: true, ..Self::default() }
    }
}

/// Adds a group to a tag; the group is made if there is none of that name.
pub fn group(cx: &mut Cx<'_>, tag: &Lookup, group: &Lookup, how: &How) -> Result<()> {
    let tag = access::get(cx, tag)?;
    let group = lookup::ensure(cx, group)?;
    let wanted = Wanted { packages: false, reqs: false, ..Wanted::ALL };
    let groups = read::all(cx, tag.id, wanted)?;
    let old = groups.into_iter().find(|known| known.row.group_id == group.id).map(|known| known.row);
    if old.as_ref().is_some_and(|old| old.blocked) && !how.force {
        return Err(Error::generic(format!("group {} is blocked in tag {}", group.name, tag.name)));
    }
    let known = old.as_ref().map(|old| Config {
        blocked: old.blocked,
        exported: old.exported,
        display_name: Some(old.display_name.clone()),
        is_default: old.is_default,
        uservisible: old.uservisible,
        description: old.description.clone(),
        langonly: old.langonly.clone(),
        biarchonly: old.biarchonly,
    });
    let mut new = known.clone().unwrap_or_else(|| Config::of(&group.name));
    new.take(&how.fields)?;
    new.blocked = how.block;
    if known.as_ref() == Some(&new) {
        return Ok(());
    }
    versioned::revoke(cx, "group_config", "tag_id = ? AND group_id = ?", (tag.id, group.id))?;
    versioned::create(cx, new.insert(tag.id, group.id))
}

#[derive(Clone, Debug, PartialEq)]
struct Config {
    blocked: bool,
    exported: Option<bool>,
    display_name: Option<String>,
    is_default: Option<bool>,
    uservisible: Option<bool>,
    description: Option<String>,
    langonly: Option<String>,
    biarchonly: Option<bool>,
}

impl Config {
    /// A new group's.
    fn of(name: &str) -> Self {
        Self {
            blocked: false,
            exported: Some(true),
            display_name: Some(name.to_owned()),
            is_default: None,
            uservisible: Some(true),
            description: None,
            langonly: None,
            biarchonly: Some(false),
        }
    }

    fn take(&mut self, fields: &Map) -> Result<()> {
        for (name, value) in fields {
            match name.as_str() {
                "exported" => self.exported = flag(name, value)?,
                "display_name" => self.display_name = text(name, value)?,
                "is_default" => self.is_default = flag(name, value)?,
                "uservisible" => self.uservisible = flag(name, value)?,
                "description" => self.description = text(name, value)?,
                "langonly" => self.langonly = text(name, value)?,
                "biarchonly" => self.biarchonly = flag(name, value)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn insert(self, tag: i32, group: i32) -> Insert {
        Insert::into("group_config")
            .set("tag_id", tag)
            .set("group_id", group)
            .set("blocked", self.blocked)
            .set("exported", self.exported)
            .set("display_name", self.display_name)
            .set("is_default", self.is_default)
            .set("uservisible", self.uservisible)
            .set("description", self.description)
            .set("langonly", self.langonly)
            .set("biarchonly", self.biarchonly)
    }
}

/// Adds a package to a group of a tag.
pub fn package(cx: &mut Cx<'_>, tag: &Lookup, group: &Lookup, package: &str, how: &How) -> Result<()> {
    let tag = named::get(cx, "tag", "tag", tag)?;
    let group = lookup::get(cx, group)?;
    let held = open(cx, &tag, &group, Wanted { reqs: false, ..Wanted::ALL })?;
    let old = held.package(package);
    if old.is_some_and(|old| old.blocked) && !how.force {
        let (group, tag) = (group.name, tag.name);
        return Err(Error::generic(format!("package {package} blocked in group {group}, tag {tag}")));
    }
    let PackageRow { r#type, basearchonly, requires, .. } = match old {
        Some(old) => old.clone(),
        None => PackageRow {
            group_id: group.id,
            tag_id: tag.id,
            package: package.to_owned(),
            blocked: false,
            r#type: "mandatory".to_owned(),
            basearchonly: None,
            requires: None,
        },
    };
    let before = (Some(r#type), basearchonly, requires);
    let mut new = before.clone();
    for (name, value) in &how.fields {
        match name.as_str() {
            "type" => new.0 = text(name, value)?,
            "basearchonly" => new.1 = flag(name, value)?,
            "requires" => new.2 = text(name, value)?,
            _ => {}
        }
    }
    if old.is_some() && before == new && !how.block && !how.force {
        return Ok(());
    }
    let key = "tag_id = ? AND group_id = ? AND package = ?";
    versioned::revoke(cx, "group_package_listing", key, (tag.id, group.id, package))?;
    let insert = Insert::into("group_package_listing")
        .set("tag_id", tag.id)
        .set("group_id", group.id)
        .set("package", package)
        .set("blocked", how.block)
        .set("type", new.0)
        .set("basearchonly", new.1)
        .set("requires", new.2);
    versioned::create(cx, insert)
}

/// Makes a group of a tag require another group.
pub fn requirement(cx: &mut Cx<'_>, tag: &Lookup, group: &Lookup, req: &Lookup, how: &How) -> Result<()> {
    let tag = named::get(cx, "tag", "tag", tag)?;
    let group = lookup::get(cx, group)?;
    let req = lookup::get(cx, req)?;
    let held = open(cx, &tag, &group, Wanted { packages: false, ..Wanted::ALL })?;
    let old = held.requirement(req.id);
    let is_blocked = old.is_some_and(|old| old.blocked);
    if is_blocked && !how.force {
        let (req, group, tag) = (req.name, group.name, tag.name);
        return Err(Error::generic(format!(
            "requirement on group {req} blocked in group {group}, tag {tag}"
        )));
    }
    let before = match old {
        Some(ReqRow { r#type, is_metapkg, .. }) => (r#type.clone(), Some(*is_metapkg)),
        None => (Some("mandatory".to_owned()), Some(false)),
    };
    let mut new = before.clone();
    for (name, value) in &how.fields {
        match name.as_str() {
            "type" => new.0 = text(name, value)?,
            "is_metapkg" => new.1 = flag(name, value)?,
            _ => {}
        }
    }
    // Koji leaves a block as it is when nothing else changes, even if forced; here force always ends it.
    if old.is_some() && before == new && !how.block && !is_blocked {
        return Ok(());
    }
    let key = "tag_id = ? AND group_id = ? AND req_id = ?";
    versioned::revoke(cx, "group_req_listing", key, (tag.id, group.id, req.id))?;
    let insert = Insert::into("group_req_listing")
        .set("tag_id", tag.id)
        .set("group_id", group.id)
        .set("req_id", req.id)
        .set("blocked", how.block)
        .set("type", new.0)
        .set("is_metapkg", new.1);
    versioned::create(cx, insert)
}

/// The group as the tag has it, by inheritance or not; it must not be blocked.
fn open(cx: &mut Cx<'_>, tag: &Named, group: &Named, wanted: Wanted) -> Result<Group> {
    let found = read::all(cx, tag.id, wanted)?.into_iter().find(|known| known.row.group_id == group.id);
    let (group, tag) = (&group.name, &tag.name);
    match found {
        None => Err(Error::generic(format!("group {group} not present in tag {tag}"))),
        Some(found) if found.row.blocked => {
            Err(Error::generic(format!("group {group} is blocked in tag {tag}")))
        }
        Some(found) => Ok(found),
    }
}

fn flag(name: &str, value: &Value) -> Result<Option<bool>> {
    let flag = value.column_bool();
    if flag.is_some() || value.is_nil() {
        return Ok(flag);
    }
    Err(Error::unforeseen(format!("{name} is true, false or null, not {}", value.kind())))
}

fn text(name: &str, value: &Value) -> Result<Option<String>> {
    let text = value.column_text();
    if text.is_some() || value.is_nil() {
        return Ok(text);
    }
    Err(Error::unforeseen(format!("{name} is a string or null, not {}", value.kind())))
}
