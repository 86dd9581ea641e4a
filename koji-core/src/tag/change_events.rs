//! When the content of a tag changed, with what it inherits and its external repositories.

use std::collections::{HashMap, HashSet};

use super::get::{self, When};
use super::inheritance::{Direction, Graph, full};
use super::links::{self, LinkRow};
use crate::Result;
use crate::context::Cx;
use crate::db::bind::Each;
use crate::db::{Bind, Lookup, Query};

/// The versioned tables whose changes are changes of a tag.
const TABLES: [&str; 9] = [
    "tag_listing",
    "tag_inheritance",
    "tag_config",
    "tag_extra",
    "tag_packages",
    "tag_external_repos",
    "group_config",
    "group_req_listing",
    "group_package_listing",
];
/// The versioned tables of external repositories.
const EXTERNAL: [&str; 2] = ["external_repo_config", "external_repo_data"];

/// The last event that changed a tag, before an event if one is given. None if there was no such tag yet.
pub fn last(cx: &mut Cx<'_>, tag: &Lookup, before: Option<i32>) -> Result<Option<i32>> {
    last_of(cx, tag, before, true)
}

/// The same, with what the tag inherits or without.
pub fn last_of(cx: &mut Cx<'_>, tag: &Lookup, before: Option<i32>, inherit: bool) -> Result<Option<i32>> {
    let tag = get::get(cx, tag, When::Auto)?;
    match (before, tag.revoke_event) {
        (None, Some(deleted)) => Ok(Some(deleted)),
        (before, deleted) => {
            let (id, bounds) = (tag.row.id, Bounds { after: None, before });
            let tags = if inherit { ancestry(cx, id, before)? } else { vec![id] };
            let last =
                changes(&tags, bounds, before).select_first::<Option<i32>>(cx.db, "max(event)")?.flatten();
            Ok(last.map(|last| deleted.map_or(last, |deleted| last.min(deleted))))
        }
    }
}

/// The last event that changed each of these tags, as they are now.
pub fn last_of_each(cx: &mut Cx<'_>, tags: &[i32]) -> Result<HashMap<i32, i32>> {
    let past = Past::load(cx, i32::MAX)?;
    let families: Vec<(i32, HashSet<i32>)> =
        tags.iter().map(|tag| (*tag, past.family(*tag, i32::MAX))).collect();
    let all: Vec<i32> = families.iter().flat_map(|(_, family)| family.iter().copied()).collect();
    let bounds = Bounds { after: None, before: None };
    let last = by_tag(cx, &all, bounds)?;
    let of_family = |family: &HashSet<i32>| family.iter().filter_map(|tag| last.get(tag)).max().copied();
    Ok(families.iter().filter_map(|(tag, family)| Some((*tag, of_family(family)?))).collect())
}

/// The first event that changed a tag, or the first after an event, if there is one.
pub fn first(cx: &mut Cx<'_>, tag: i32, after: Option<i32>) -> Result<Option<i32>> {
    first_of(cx, tag, after, true)
}

/// The same, with what the tag inherits or without.
pub fn first_of(cx: &mut Cx<'_>, tag: i32, after: Option<i32>, inherit: bool) -> Result<Option<i32>> {
    let created = created(cx, &[tag])?.remove(&tag);
    let Some(after) = after else { return Ok(created) };
    let first = if inherit {
        first_after(cx, &[(tag, after)])?.remove(0)
    } else {
        let own = events(cx, &[tag], after)?.remove(&tag).unwrap_or_default();
        own.into_iter().filter(|change| change.counts(after)).map(|change| change.event).min()
    };
    Ok(first.map(|first| created.map_or(first, |created| first.max(created))))
}

/// The events that made tags.
pub fn created(cx: &mut Cx<'_>, tags: &[i32]) -> Result<HashMap<i32, i32>> {
    let rows: Vec<(i32, i32)> = Query::from("tag_config")
        .filter("tag_id IN ?", tags)
        .group("tag_id")
        .select(cx.db, "tag_id, min(create_event)")?;
    Ok(rows.into_iter().collect())
}

/// For each tag and event the first event after it that changed the tag.
pub fn first_after(cx: &mut Cx<'_>, wanted: &[(i32, i32)]) -> Result<Vec<Option<i32>>> {
    let Some(oldest) = wanted.iter().map(|(_, after)| *after).min() else { return Ok(Vec::new()) };
    let past = Past::load(cx, oldest)?;
    let families: Vec<HashSet<i32>> = wanted.iter().map(|(tag, after)| past.family(*tag, *after)).collect();
    let all: HashSet<i32> = families.iter().flatten().copied().collect();
    let all: Vec<i32> = all.into_iter().collect();
    let last = by_tag(cx, &all, Bounds { after: Some(oldest), before: None })?;
    // most tags did not change at all: look closely only at those that did
    let changed = |family: &HashSet<i32>, after: i32| {
        family.iter().any(|tag| last.get(tag).is_some_and(|last| *last > after))
    };
    let close: Vec<bool> =
        families.iter().zip(wanted).map(|(family, (_, after))| changed(family, *after)).collect();
    let of_close = || families.iter().zip(wanted).zip(&close).filter(|(_, close)| **close);
    let Some(oldest) = of_close().map(|((_, (_, after)), _)| *after).min() else {
        return Ok(vec![None; wanted.len()]);
    };
    let tags: HashSet<i32> = of_close().flat_map(|((family, _), _)| family.iter().copied()).collect();
    let events = events(cx, &tags.into_iter().collect::<Vec<_>>(), oldest)?;
    let first = |family: &HashSet<i32>, after: i32| {
        let of_family = family.iter().filter_map(|tag| events.get(tag)).flatten();
        of_family.filter(|change| change.counts(after)).map(|change| change.event).min()
    };
    let found = families.iter().zip(wanted).zip(close);
    Ok(found.map(|((family, (_, after)), close)| if close { first(family, *after) } else { None }).collect())
}

/// Whether any of these tags changed by itself after an event; what they inherit is not looked at.
pub fn since(cx: &mut Cx<'_>, event: i32, tags: &[i32]) -> Result<bool> {
    let (text, binds) = of_tags(tags, Bounds { after: Some(event), before: None });
    Query::from_with(&format!("({text}) AS changes"), Each(binds)).exists(cx.db)
}

/// Between which events to look.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    after: Option<i32>,
    before: Option<i32>,
}

impl Bounds {
    /// The condition on a column.
    fn condition(self, column: &str) -> (String, Vec<Bind>) {
        let mut text = format!("{column} IS NOT NULL");
        let mut binds = Vec::new();
        for (sign, event) in [(">", self.after), ("<", self.before)] {
            if let Some(event) = event {
                text.push_str(&format!(" AND {column} {sign} ?"));
                binds.push(event.into());
            }
        }
        (text, binds)
    }
}

/// A tag and all that it inherits from, at an event.
fn ancestry(cx: &mut Cx<'_>, tag: i32, event: Option<i32>) -> Result<Vec<i32>> {
    let ancestors = links::ancestors(cx, tag.into(), event)?.links;
    let parents = ancestors.iter().filter_map(|link| i32::try_from(link.edge.parent_id).ok());
    Ok(std::iter::once(tag).chain(parents).collect())
}

/// The events that changed tags themselves: rows of `tag_id` and `event`.
fn of_tags(tags: &[i32], bounds: Bounds) -> (String, Vec<Bind>) {
    let columns = TABLES.iter().flat_map(|table| [(*table, "create_event"), (*table, "revoke_event")]);
    let mut parts = Vec::new();
    let mut binds = Vec::new();
    for (table, column) in columns.chain([("tag_updates", "update_event")]) {
        let (bounded, events) = bounds.condition(column);
        parts.push(format!("SELECT tag_id, {column} AS event FROM {table} WHERE tag_id IN ? AND {bounded}"));
        binds.push(tags.into());
        binds.extend(events);
    }
    (parts.join(" UNION ALL "), binds)
}

/// The events that changed external repositories of tags: rows of `tag_id`, `event`, and from when until when
/// the tag had the repository.
fn of_external(tags: &[i32], bounds: Bounds) -> (String, Vec<Bind>) {
    let columns = EXTERNAL.iter().flat_map(|table| [(*table, "create_event"), (*table, "revoke_event")]);
    let mut parts = Vec::new();
    let mut binds = Vec::new();
    for (table, column) in columns {
        let (bounded, events) = bounds.condition(&format!("{table}.{column}"));
        parts.push(format!(
            "SELECT had.tag_id AS tag_id, {table}.{column} AS event, had.create_event AS since, \
             had.revoke_event AS until FROM {table} JOIN tag_external_repos AS had \
             ON had.external_repo_id = {table}.external_repo_id WHERE had.tag_id IN ? AND {bounded}"
        ));
        binds.push(tags.into());
        binds.extend(events);
    }
    (parts.join(" UNION ALL "), binds)
}

/// All changes of tags, and of the external repositories that they had at an event.
fn changes(tags: &[i32], bounds: Bounds, event: Option<i32>) -> Query {
    let (own, mut binds) = of_tags(tags, bounds);
    let (external, more) = of_external(tags, bounds);
    binds.extend(more);
    let had = match event {
        None => "until IS NULL",
        Some(event) => {
            binds.extend([event.into(), event.into()]);
            "since <= ? AND (until IS NULL OR until > ?)"
        }
    };
    let text = format!(
        "({own} UNION ALL SELECT tag_id, event FROM ({external}) AS external WHERE {had}) AS changes"
    );
    Query::from_with(&text, Each(binds))
}

/// The last change of each tag.
fn by_tag(cx: &mut Cx<'_>, tags: &[i32], bounds: Bounds) -> Result<HashMap<i32, i32>> {
    let (own, mut binds) = of_tags(tags, bounds);
    let (external, more) = of_external(tags, bounds);
    binds.extend(more);
    let text = format!("({own} UNION ALL SELECT tag_id, event FROM ({external}) AS external) AS changes");
    let rows = Query::from_with(&text, Each(binds)).group("tag_id");
    Ok(rows.select::<(i32, i32)>(cx.db, "tag_id, max(event)")?.into_iter().collect())
}

/// One change.
#[derive(Clone, Copy, Debug)]
struct Change {
    event: i32,
    since: i32,
    until: Option<i32>,
}

impl Change {
    /// Whether it changed the tag as it was at an event.
    fn counts(self, after: i32) -> bool {
        self.event > after && self.since <= after && self.until.is_none_or(|until| until > after)
    }
}

/// All changes of tags after an event, by tag.
fn events(cx: &mut Cx<'_>, tags: &[i32], after: i32) -> Result<HashMap<i32, Vec<Change>>> {
    let bounds = Bounds { after: Some(after), before: None };
    let (own, mut binds) = of_tags(tags, bounds);
    let (external, more) = of_external(tags, bounds);
    binds.extend(more);
    let text = format!(
        "(SELECT tag_id, event, 0 AS since, NULL AS until FROM ({own}) AS own \
         UNION ALL SELECT tag_id, event, since, until FROM ({external}) AS external) AS changes"
    );
    let rows = Query::from_with(&text, Each(binds)).distinct();
    let mut by_tag: HashMap<i32, Vec<Change>> = HashMap::new();
    for (tag, event, since, until) in
        rows.select::<(i32, i32, i32, Option<i32>)>(cx.db, "tag_id, event, since, until")?
    {
        by_tag.entry(tag).or_default().push(Change { event, since, until });
    }
    Ok(by_tag)
}

/// The inheritance of all tags since an event.
struct Past(Vec<(LinkRow, i32, Option<i32>)>);

impl Past {
    fn load(cx: &mut Cx<'_>, since: i32) -> Result<Self> {
        let query = Query::from("tag_inheritance")
            .join("tag ON tag.id = tag_inheritance.parent_id")
            .filter("tag_inheritance.revoke_event IS NULL OR tag_inheritance.revoke_event > ?", since)
            .order("tag_inheritance.priority")
            .order("tag_inheritance.parent_id");
        Ok(Self(query.load::<DatedLink>(cx.db)?.into_iter().map(DatedLink::split).collect()))
    }

    /// A tag and all that it inherited from at an event.
    fn family(&self, tag: i32, event: i32) -> HashSet<i32> {
        let held = |(_, from, until): &&(LinkRow, i32, Option<i32>)| {
            *from <= event && until.is_none_or(|until| until > event)
        };
        let edges = self.0.iter().filter(held).map(|(link, _, _)| links::edge(link.clone()));
        let walk = full(tag.into(), &Graph::new(Direction::Ancestors, edges));
        let parents = walk.links.iter().filter_map(|link| i32::try_from(link.edge.parent_id).ok());
        std::iter::once(tag).chain(parents).collect()
    }
}

crate::row! {
    /// A link and when it held.
    struct DatedLink {
        child_id: i32 = "tag_inheritance.tag_id",
        parent_id: i32 = "tag_inheritance.parent_id",
        name: String = "tag.name",
        priority: i32 = "tag_inheritance.priority",
        maxdepth: Option<i32> = "tag_inheritance.maxdepth",
        intransitive: bool = "tag_inheritance.intransitive",
        noconfig: bool = "tag_inheritance.noconfig",
        pkg_filter: Option<String> = "tag_inheritance.pkg_filter",
        create_event: i32 = "tag_inheritance.create_event",
        revoke_event: Option<i32> = "tag_inheritance.revoke_event",
    }
}

impl DatedLink {
    fn split(self) -> (LinkRow, i32, Option<i32>) {
        let Self {
            child_id, parent_id, name, priority, maxdepth, intransitive, noconfig, pkg_filter, ..
        } = self;
        let link =
            LinkRow { child_id, parent_id, name, priority, maxdepth, intransitive, noconfig, pkg_filter };
        (link, self.create_event, self.revoke_event)
    }
}
