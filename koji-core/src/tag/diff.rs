//! What changed in a tag between two events: two views of the tag, compared part by part.
//!
//! What was changed and changed back is no difference. Builds are compared by being there: their own state has no
//! history.

use std::collections::HashMap;

use serde::Serialize;

use super::extra::BlockedExtras;
use super::get::{self, When};
use super::groups::read::{self, Wanted as WantedGroups};
use super::tagged::{Wanted as WantedBuilds, builds};
use super::{config, links};
use crate::Result;
use crate::context::Cx;
use crate::db::lookup::Named;
use crate::external_repo;
use crate::history::event::{self, EventRow};
use crate::package::listing::{self, Wanted as WantedPackages};
use crate::wire::{self, Map, Value};

/// Which views to compare.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// The earlier event
    pub old: i64,
    /// The later event: now, if there is none
    pub new: Option<i64>,
    /// With what the tag inherits
    pub inherit: bool,
}

/// What changed.
#[derive(Clone, Debug, Serialize)]
pub struct TagDiff {
    /// The tag
    pub tag: Named,
    /// The earlier event
    pub old: EventRow,
    /// The later event; the last one there is, if now was asked for
    pub new: EventRow,
    /// Whether inherited content was compared too
    pub inherit: bool,
    /// The tag's settings, each with `name` and `value`
    pub config: Changes,
    /// Its extra settings, each with `key` and `value`, or `blocked`
    pub extra: Changes,
    /// The links to what it inherits from
    pub inheritance: Changes,
    /// Its external repositories
    pub external_repos: Changes,
    /// Its package list
    pub packages: Changes,
    /// The builds that it shows
    pub builds: Changes,
    /// Its groups
    pub groups: Changes,
    /// The packages of its groups
    pub group_packages: Changes,
    /// The groups that its groups require
    pub group_requires: Changes,
}

/// The changes of a part.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Changes {
    /// What is new
    pub added: Vec<Value>,
    /// What is gone
    pub removed: Vec<Value>,
    /// What was and is there, but otherwise
    pub changed: Vec<Changed>,
}

/// One thing before and after.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Changed {
    /// As it was
    pub old: Value,
    /// As it is then
    pub new: Value,
}

/// Compares a tag with itself at another time. A tag that was not there yet, or no more, was empty.
pub fn diff(cx: &mut Cx<'_>, tag: &Named, wanted: &Wanted) -> Result<TagDiff> {
    let old = event::get(cx, wanted.old)?;
    let new = match wanted.new {
        Some(new) => event::get(cx, new)?,
        None => event::get_last(cx, None)?,
    };
    let at = |id: i64| i32::try_from(id).unwrap_or(i32::MAX);
    let before = View::load(cx, tag.id, Some(at(wanted.old)), wanted.inherit)?;
    let after = View::load(cx, tag.id, wanted.new.map(at), wanted.inherit)?;
    let part = |part: fn(&View) -> &Vec<Value>, keys: &[&str]| compare(part(&before), part(&after), keys);
    Ok(TagDiff {
        tag: tag.clone(),
        old,
        new,
        inherit: wanted.inherit,
        config: part(|view| &view.config, &["name"]),
        extra: part(|view| &view.extra, &["key"]),
        inheritance: part(|view| &view.inheritance, &["child_id", "parent_id"]),
        external_repos: part(|view| &view.external_repos, &["external_repo_id"]),
        packages: part(|view| &view.packages, &["package_id"]),
        builds: part(|view| &view.builds, &["build_id"]),
        groups: part(|view| &view.groups, &["group_id"]),
        group_packages: part(|view| &view.group_packages, &["group", "package"]),
        group_requires: part(|view| &view.group_requires, &["group", "req_id"]),
    })
}

/// Everything of a tag at an event, as structs.
#[derive(Debug, Default)]
struct View {
    config: Vec<Value>,
    extra: Vec<Value>,
    inheritance: Vec<Value>,
    external_repos: Vec<Value>,
    packages: Vec<Value>,
    builds: Vec<Value>,
    groups: Vec<Value>,
    group_packages: Vec<Value>,
    group_requires: Vec<Value>,
}

impl View {
    fn load(cx: &mut Cx<'_>, tag: i32, event: Option<i32>, inherit: bool) -> Result<Self> {
        if get::find_blocked(cx, &tag.into(), When::from(event))?.is_none() {
            return Ok(Self::default());
        }
        let mut view = Self::default();
        view.load_config(cx, tag, event, inherit)?;
        view.load_groups(cx, tag, event, inherit)?;
        view.inheritance = if inherit {
            let mut found = all(&links::ancestors(cx, tag.into(), event)?.links)?;
            // the walk's own bookkeeping follows from the links
            found.iter_mut().for_each(|link| keep(link, &LINK));
            found
        } else {
            all(&links::own(cx, tag, event)?)?
        };
        view.external_repos = if inherit {
            all(&external_repo::link::inherited(cx, &tag.into(), event)?)?
        } else {
            all(&external_repo::link::list(cx, Some(&tag.into()), None, event)?)?
        };
        let wanted = WantedPackages { inherit, ..WantedPackages::all(tag) }.at(event);
        view.packages = all(&listing::list(cx, &wanted)?)?;
        view.builds = all(&builds(cx, &WantedBuilds { event, inherit, ..WantedBuilds::of(tag) })?)?;
        view.builds
            .iter_mut()
            .for_each(|build| keep(build, &["build_id", "nvr", "package_name", "tag_name"]));
        Ok(view)
    }

    fn load_config(&mut self, cx: &mut Cx<'_>, tag: i32, event: Option<i32>, inherit: bool) -> Result<()> {
        let (row, BlockedExtras(extras)) = if inherit {
            let tag = config::build_config(cx, &tag.into(), event)?.tag;
            (
                tag.row,
                BlockedExtras(tag.extra.into_iter().map(|(key, value)| (key, (false, value))).collect()),
            )
        } else {
            let found = get::find_blocked(cx, &tag.into(), When::from(event))?;
            let tag = found.ok_or_else(|| get::missing(&tag.into()))?;
            (tag.row, tag.extra)
        };
        for (name, value) in members(wire::to_value(&row)?) {
            // the name has no history, and the permission is told by its name
            if !matches!(name.as_str(), "id" | "name" | "perm_id") {
                self.config.push(Value::Struct(vec![("name".into(), name.into()), ("value".into(), value)]));
            }
        }
        for (key, (blocked, value)) in extras {
            let told = if blocked { ("blocked".into(), true.into()) } else { ("value".into(), value) };
            self.extra.push(Value::Struct(vec![("key".into(), key.into()), told]));
        }
        Ok(())
    }

    fn load_groups(&mut self, cx: &mut Cx<'_>, tag: i32, event: Option<i32>, inherit: bool) -> Result<()> {
        for mut group in read::all(cx, tag, WantedGroups { event, inherit, ..WantedGroups::ALL })? {
            let name: Value = group.row.name.as_str().into();
            let of_group = |row: Value| {
                let mut row = members(row);
                row.insert(0, ("group".into(), name.clone()));
                Value::Struct(row)
            };
            let packages = group.packagelist.take().unwrap_or_default();
            self.group_packages.extend(all(&packages)?.into_iter().map(of_group));
            let requires = group.grouplist.take().unwrap_or_default();
            self.group_requires.extend(all(&requires)?.into_iter().map(of_group));
            self.groups.push(wire::to_value(&group)?);
        }
        Ok(())
    }
}

/// What a link of the walk has in common with a stored one.
const LINK: [&str; 8] =
    ["child_id", "parent_id", "name", "priority", "maxdepth", "intransitive", "noconfig", "pkg_filter"];

fn all<T: Serialize>(rows: &[T]) -> Result<Vec<Value>> {
    rows.iter().map(wire::to_value).collect()
}

fn members(row: Value) -> Map {
    if let Value::Struct(members) = row { members } else { Map::new() }
}

fn keep(row: &mut Value, names: &[&str]) {
    if let Value::Struct(members) = row {
        members.retain(|(name, _)| names.contains(&name.as_str()));
    }
}

/// Compares two lists of structs, of which some members tell what is the same thing. Nothing is there twice.
fn compare(old: &[Value], new: &[Value], keys: &[&str]) -> Changes {
    let key = |row: &Value| -> String {
        let parts: Vec<String> = keys.iter().map(|key| format!("{:?}", row.get(key))).collect();
        parts.join("\n")
    };
    let mut former: HashMap<String, &Value> = old.iter().map(|row| (key(row), row)).collect();
    let mut changes = Changes::default();
    for row in new {
        match former.remove(&key(row)) {
            None => changes.added.push(row.clone()),
            Some(old) if old == row => {}
            Some(old) => changes.changed.push(Changed { old: old.clone(), new: row.clone() }),
        }
    }
    changes.removed = old.iter().filter(|row| former.contains_key(&key(row))).cloned().collect();
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: i64, name: &str) -> Value {
        Value::Struct(vec![("id".into(), id.into()), ("name".into(), name.into())])
    }

    #[test]
    fn lists_are_compared_by_their_keys() {
        let old = [row(1, "same"), row(2, "before"), row(3, "gone")];
        let new = [row(4, "new"), row(2, "after"), row(1, "same")];
        let changes = compare(&old, &new, &["id"]);
        assert_eq!((&changes.added[..], &changes.removed[..]), (&[row(4, "new")][..], &[row(3, "gone")][..]));
        assert_eq!(changes.changed, [Changed { old: row(2, "before"), new: row(2, "after") }]);
        assert_eq!(compare(&old, &old, &["id"]), Changes::default());
    }
}
