//! When tags changed: their configuration, packages, builds, groups, inheritance and external repos.

use crate::Result;
use crate::context::Cx;
use crate::db::bind::{Each, Statement};
use crate::db::{Bind, Lookup, Query, lookup};
use crate::tag::ancestors;

/// The versioned tables that make up a tag.
const OF_TAG: [&str; 9] = [
    "tag_listing",
    "tag_inheritance",
    "tag_config",
    "tag_packages",
    "tag_external_repos",
    "tag_extra",
    "group_package_listing",
    "group_req_listing",
    "group_config",
];

/// The versioned tables that make up an external repo.
const OF_REPO: [&str; 2] = ["external_repo_config", "external_repo_data"];

/// Whether any of the tags has changed since an event. Neither inheritance nor external repos are looked at.
pub fn changed_since(cx: &mut Cx<'_>, event: i64, tags: &[i64]) -> Result<bool> {
    if Query::from("tag_updates")
        .filter("tag_id IN ?", tags)
        .filter("update_event > ?", event)
        .exists(cx.db)?
    {
        return Ok(true);
    }
    for table in OF_TAG {
        let query = Query::from(table)
            .filter("tag_id IN ?", tags)
            .filter("create_event > ? OR revoke_event > ?", (event, event));
        if query.exists(cx.db)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The last event that changed a tag, before another event if one is given. Of a deleted tag it is at most the
/// event that deleted it.
pub fn last(cx: &mut Cx<'_>, tag: &Lookup, before: Option<i64>, inherit: bool) -> Result<Option<i64>> {
    let tag = lookup::get(cx, "tag", "tag", tag)?.id;
    let deleted = deleted_at(cx, tag)?;
    if before.is_none() && deleted.is_some() {
        return Ok(deleted);
    }
    let span = Span { edge: Edge::Last, bound: before };
    let found = span.changes(cx, tag, inherit)?;
    Ok(found.map(|event| deleted.map_or(event, |deleted| deleted.min(event))))
}

/// The event that deleted a tag, if it is deleted.
fn deleted_at(cx: &mut Cx<'_>, tag: i32) -> Result<Option<i64>> {
    if Query::from("tag_config").filter("active = TRUE AND tag_id = ?", tag).exists(cx.db)? {
        return Ok(None);
    }
    let last = Query::from("tag_config").filter("tag_id = ?", tag);
    Ok(last.select_first::<Option<i64>>(cx.db, "max(revoke_event)")?.flatten())
}

/// The first event after another one that changed a tag; the event that made it, if none is given.
pub fn first(cx: &mut Cx<'_>, tag: &Lookup, after: Option<i64>, inherit: bool) -> Result<Option<i64>> {
    let tag = lookup::get(cx, "tag", "tag", tag)?.id;
    let made = Query::from("tag_config").filter("tag_id = ?", tag);
    let made = made.select_first::<Option<i64>>(cx.db, "min(create_event)")?.flatten();
    if after.is_none() {
        return Ok(made);
    }
    let span = Span { edge: Edge::First, bound: after };
    let found = span.changes(cx, tag, inherit)?;
    Ok(found.map(|event| made.map_or(event, |made| made.max(event))))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edge {
    First,
    Last,
}

/// The first event after a bound, or the last before it.
struct Span {
    edge: Edge,
    bound: Option<i64>,
}

impl Span {
    /// The edge of all changes of a tag, of what it inherits from, and of the external repos of all these.
    fn changes(&self, cx: &mut Cx<'_>, tag: i32, inherit: bool) -> Result<Option<i64>> {
        let at = self.bound.map(|event| i32::try_from(event).unwrap_or(i32::MAX));
        let mut tags = vec![i64::from(tag)];
        if inherit {
            tags.extend(ancestors::links(cx, tag, at)?.into_iter().map(|link| link.edge.parent_id));
        }
        let repos: Vec<i64> = Query::from("tag_external_repos")
            .filter("tag_id IN ?", tags.as_slice())
            .at("tag_external_repos", at)
            .distinct()
            .select(cx.db, "external_repo_id")?;
        cx.db.first::<Option<i64>>(&self.statement(&tags, &repos)).map(Option::flatten)
    }

    fn statement(&self, tags: &[i64], repos: &[i64]) -> Statement {
        let (function, compare) = match self.edge {
            Edge::First => ("min", ">"),
            Edge::Last => ("max", "<"),
        };
        let mut all = Statement::new(format!("SELECT {function}(event) FROM ("), ());
        let mut before = "";
        let mut part = |table: &str, column: &str, owner: &str, ids: &[i64]| {
            all.push(before, ());
            before = " UNION ALL ";
            all.push(
                &format!("SELECT {function}({column}) AS event FROM {table} WHERE {owner} IN ?"),
                Each(vec![Bind::from(ids)]),
            );
            if let Some(bound) = self.bound {
                all.push(&format!(" AND {column} {compare} ?"), bound);
            }
        };
        part("tag_updates", "update_event", "tag_id", tags);
        for table in OF_TAG {
            part(table, "create_event", "tag_id", tags);
            part(table, "revoke_event", "tag_id", tags);
        }
        if !repos.is_empty() {
            for table in OF_REPO {
                part(table, "create_event", "external_repo_id", repos);
                part(table, "revoke_event", "external_repo_id", repos);
            }
        }
        all.push(") AS changes", ());
        all
    }
}
