//! Changing what a tag inherits from.

use std::collections::BTreeMap;

use super::access;
use super::links::{self, LinkRow};
use crate::context::Cx;
use crate::db::{Bind, Query, versioned};
use crate::wire::{Map, Value};
use crate::{Error, Result};

/// What a link is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLink {
    /// Where it stands among the links of the tag: lower is earlier
    pub priority: i32,
    /// How many links deep the inheritance goes
    pub maxdepth: Option<i32>,
    /// Whether only the tag itself inherits
    pub intransitive: bool,
    /// Whether the configuration is not inherited
    pub noconfig: bool,
    /// A pattern that inherited packages must match
    pub pkg_filter: Option<String>,
}

impl NewLink {
    /// A link without limits.
    pub fn plain(priority: i32) -> Self {
        let pkg_filter = Some(String::new());
        Self { priority, maxdepth: None, intransitive: false, noconfig: false, pkg_filter }
    }
}

impl From<&LinkRow> for NewLink {
    fn from(row: &LinkRow) -> Self {
        Self {
            priority: row.priority,
            maxdepth: row.maxdepth,
            intransitive: row.intransitive,
            noconfig: row.noconfig,
            pkg_filter: row.pkg_filter.clone(),
        }
    }
}

/// A change of the link to a parent; none takes it away.
pub type Change = (i64, Option<NewLink>);

const FIELDS: [&str; 6] = ["parent_id", "priority", "maxdepth", "intransitive", "noconfig", "pkg_filter"];

/// Reads a change: all fields of a link, or `parent_id` and a true `delete link`.
pub fn parse(fields: &Map) -> Result<Change> {
    let find = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value);
    let removes = find("delete link").is_some_and(Value::is_true);
    let needed = if removes { &FIELDS[..1] } else { &FIELDS[..] };
    if let Some(missing) = needed.iter().find(|name| find(name).is_none()) {
        return Err(Error::generic(format!("No value for {missing}")));
    }
    let int = |name: &str| match find(name) {
        None | Some(Value::Nil) => Ok(None),
        Some(Value::Int(int)) => Ok(Some(*int)),
        Some(other) => Err(Error::unforeseen(format!("{name} must be an integer, not {}", other.kind()))),
    };
    // The command line sends these two as text.
    let number = |name: &str| match find(name) {
        Some(Value::String(text)) => {
            let wrong =
                |error| Error::unforeseen(format!("{name} must be an integer: {text:?}")).caused_by(error);
            text.trim().parse::<i64>().map(Some).map_err(wrong)
        }
        _ => int(name),
    };
    let flag = |name: &str| match find(name) {
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(Value::Int(int @ 0..=1)) => Ok(*int == 1),
        _ => Err(Error::unforeseen(format!("{name} must be true or false"))),
    };
    let parent = int("parent_id")?.ok_or_else(|| Error::parameter("parent_id must not be null"))?;
    if removes {
        return Ok((parent, None));
    }
    let pkg_filter = match find("pkg_filter") {
        None | Some(Value::Nil) => None,
        Some(filter) => {
            Some(filter.column_text().ok_or_else(|| Error::unforeseen("pkg_filter must be text"))?)
        }
    };
    let (intransitive, noconfig) = (flag("intransitive")?, flag("noconfig")?);
    let priority = number("priority")?.ok_or_else(|| Error::unforeseen("priority must not be null"))?;
    let priority = small("priority", priority)?;
    let maxdepth = number("maxdepth")?.map(|depth| small("maxdepth", depth)).transpose()?;
    Ok((parent, Some(NewLink { priority, maxdepth, intransitive, noconfig, pkg_filter })))
}

/// SQLite would store any integer; PostgreSQL refuses what does not fit, and so do we.
fn small(name: &str, int: i64) -> Result<i32> {
    i32::try_from(int).map_err(|_| Error::unforeseen(format!("{name} is out of range: {int}")))
}

/// Applies changes to a tag's links; with `clear` no other links remain.
pub fn apply(cx: &mut Cx<'_>, tag: i32, changes: Vec<Change>, clear: bool) -> Result<()> {
    parents_exist(cx, &changes)?;
    access::hold(cx, &tag.into())?;
    let old: BTreeMap<i64, NewLink> =
        links::own(cx, tag, None)?.iter().map(|row| (i64::from(row.parent_id), NewLink::from(row))).collect();
    let plan = plan(&old, changes, clear);
    if plan.is_empty() {
        return Ok(());
    }
    check_priorities(tag, &old, &plan)?;
    let parents: Vec<i64> = plan.keys().copied().collect();
    versioned::revoke(cx, "tag_inheritance", "tag_id = ? AND parent_id IN ?", (tag, parents))?;
    let rows =
        plan.into_iter().filter_map(|(parent, link)| link.map(|link| row(tag, parent, link))).collect();
    let columns = ["tag_id", "parent_id", "priority", "maxdepth", "intransitive", "noconfig", "pkg_filter"];
    versioned::create_many(cx, "tag_inheritance", &columns, rows)
}

fn row(tag: i32, parent: i64, link: NewLink) -> Vec<Bind> {
    let NewLink { priority, maxdepth, intransitive, noconfig, pkg_filter } = link;
    vec![
        tag.into(),
        parent.into(),
        priority.into(),
        maxdepth.into(),
        intransitive.into(),
        noconfig.into(),
        pkg_filter.into(),
    ]
}

fn parents_exist(cx: &mut Cx<'_>, changes: &[Change]) -> Result<()> {
    let wanted: Vec<i64> = changes.iter().map(|(parent, _)| *parent).collect();
    let known: Vec<i64> = Query::from("tag_config")
        .filter("tag_config.tag_id IN ?", wanted.as_slice())
        .at("tag_config", None)
        .select(cx.db, "tag_config.tag_id")?;
    match wanted.iter().find(|parent| !known.contains(parent)) {
        Some(unknown) => Err(super::get::missing(&crate::db::Lookup::Id(*unknown))),
        None => Ok(()),
    }
}

/// What changes: links to write anew, or to take away. A later change of the same parent replaces an earlier one.
fn plan(old: &BTreeMap<i64, NewLink>, changes: Vec<Change>, clear: bool) -> BTreeMap<i64, Option<NewLink>> {
    let mut plan: BTreeMap<i64, Option<NewLink>> = BTreeMap::new();
    if clear {
        plan.extend(old.keys().map(|parent| (*parent, None)));
    }
    plan.extend(changes);
    plan.retain(|parent, link| match (old.get(parent), link) {
        (None, None) => false,
        (Some(old), Some(link)) => clear || old != link,
        _ => true,
    });
    plan
}

/// No two parents may have the same priority.
fn check_priorities(
    tag: i32,
    old: &BTreeMap<i64, NewLink>,
    plan: &BTreeMap<i64, Option<NewLink>>,
) -> Result<()> {
    let kept = old.iter().filter(|(parent, _)| !plan.contains_key(parent));
    let written = plan.iter().filter_map(|(parent, link)| link.as_ref().map(|link| (parent, link)));
    let mut holders: BTreeMap<i32, i64> = BTreeMap::new();
    for (parent, link) in kept.chain(written) {
        if let Some(other) = holders.insert(link.priority, *parent) {
            return Err(Error::generic(format!(
                "Multiple parent tags ({other}, {parent}) cannot have the same priority value ({}) on child tag {tag}",
                link.priority
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_changes() {
        let old = BTreeMap::from([(1, NewLink::plain(1)), (2, NewLink::plain(2))]);
        let same = vec![(1, Some(NewLink::plain(1))), (9, None)];
        assert!(plan(&old, same.clone(), false).is_empty());
        let cleared = plan(&old, same, true);
        assert_eq!(cleared, BTreeMap::from([(1, Some(NewLink::plain(1))), (2, None)]));
        let twice = vec![(1, None), (1, Some(NewLink::plain(5)))];
        assert_eq!(plan(&old, twice, false), BTreeMap::from([(1, Some(NewLink::plain(5)))]));
    }

    #[test]
    fn priorities_are_taken_once() {
        let old = BTreeMap::from([(1, NewLink::plain(1)), (2, NewLink::plain(2))]);
        let swap = BTreeMap::from([(1, Some(NewLink::plain(2))), (2, Some(NewLink::plain(1)))]);
        assert!(check_priorities(7, &old, &swap).is_ok());
        let clash = BTreeMap::from([(3, Some(NewLink::plain(2)))]);
        assert!(check_priorities(7, &old, &clash).unwrap_err().message.contains("priority value (2)"));
    }

    #[test]
    fn a_link_needs_all_its_fields() {
        let of = |fields: &[(&str, Value)]| {
            parse(&fields.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
        };
        assert_eq!(of(&[("parent_id", 3.into()), ("delete link", true.into())]).unwrap(), (3, None));
        let error = of(&[("parent_id", 3.into()), ("priority", 1.into())]).unwrap_err();
        assert_eq!(error.message, "No value for maxdepth");
        let link = [
            ("parent_id", 3.into()),
            ("priority", Value::Int(1 << 40)),
            ("maxdepth", Value::Nil),
            ("intransitive", false.into()),
            ("noconfig", false.into()),
            ("pkg_filter", "".into()),
        ];
        assert!(of(&link).unwrap_err().message.contains("priority is out of range"));
    }
}
