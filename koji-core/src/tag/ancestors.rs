//! What a tag inherits from, loaded from the database in one statement.

use crate::Result;
use crate::context::Cx;
use crate::db::{Bind, Query, versioned};
use crate::tag::inheritance::{Direction, Edge, Graph, Link, full};

/// The links of everything that a tag inherits from, now or at an event, in the order of precedence.
pub fn links(cx: &mut Cx<'_>, tag: i32, event: Option<i32>) -> Result<Vec<Link>> {
    let edges = edges(cx, tag, event)?;
    Ok(full(tag.into(), &Graph::new(Direction::Ancestors, edges)).links)
}

/// All links that a walk from a tag can meet.
fn edges(cx: &mut Cx<'_>, tag: i32, event: Option<i32>) -> Result<Vec<Edge>> {
    let (holds, event_binds) = versioned::at("tag_inheritance", event);
    let reach = format!(
        "WITH RECURSIVE reach (id) AS (SELECT tag.id FROM tag WHERE tag.id = ? \
         UNION SELECT tag_inheritance.parent_id FROM reach \
         JOIN tag_inheritance ON tag_inheritance.tag_id = reach.id WHERE {holds}) "
    );
    let binds = [vec![Bind::from(tag)], event_binds].concat();
    type Cells = (i64, i64, String, i64, Option<i64>, bool, bool, Option<String>);
    let rows: Vec<Cells> = Query::from("tag_inheritance")
        .with(&reach, crate::db::bind::Each(binds))
        .join("tag ON tag.id = tag_inheritance.parent_id")
        .filter("tag_inheritance.tag_id IN (SELECT id FROM reach)", ())
        .at("tag_inheritance", event)
        .order("tag_inheritance.tag_id")
        .order("tag_inheritance.priority")
        .select(
            cx.db,
            "tag_inheritance.tag_id, tag_inheritance.parent_id, tag.name, tag_inheritance.priority, \
             tag_inheritance.maxdepth, tag_inheritance.intransitive, tag_inheritance.noconfig, \
             tag_inheritance.pkg_filter",
        )?;
    Ok(rows
        .into_iter()
        .map(|(child_id, parent_id, name, priority, maxdepth, intransitive, noconfig, pkg_filter)| Edge {
            child_id,
            parent_id,
            name: name.into(),
            priority,
            maxdepth,
            intransitive,
            noconfig,
            pkg_filter: pkg_filter.unwrap_or_default().into(),
        })
        .collect())
}
