//! Inheritance links as the database keeps them, and everything that a tag inherits, each loaded by one statement.

use super::inheritance::{Direction, Edge, Graph, Inheritance, full};
use crate::Result;
use crate::context::Cx;
use crate::db::bind::Each;
use crate::db::{Bind, Query, versioned};

crate::row! {
    /// A link of a tag to one that it inherits from.
    pub struct LinkRow {
        /// The tag that inherits
        pub child_id: i32 = "tag_inheritance.tag_id",
        /// The tag that it inherits from
        pub parent_id: i32 = "tag_inheritance.parent_id",
        /// That tag's name
        pub name: String = "tag.name",
        /// Where it stands among the links of the tag: lower is earlier
        pub priority: i32 = "tag_inheritance.priority",
        /// How many links deep the inheritance goes; null is no limit
        pub maxdepth: Option<i32> = "tag_inheritance.maxdepth",
        /// Whether only the tag itself inherits, and not what inherits from it
        pub intransitive: bool = "tag_inheritance.intransitive",
        /// Whether the configuration is not inherited
        pub noconfig: bool = "tag_inheritance.noconfig",
        /// A pattern that inherited packages must match
        pub pkg_filter: Option<String> = "tag_inheritance.pkg_filter",
    }
}

/// A tag's own links, by priority.
pub fn own(cx: &mut Cx<'_>, tag: i32, event: Option<i32>) -> Result<Vec<LinkRow>> {
    Query::from("tag_inheritance")
        .join("tag ON tag.id = tag_inheritance.parent_id")
        .filter("tag_inheritance.tag_id = ?", tag)
        .at("tag_inheritance", event)
        .order("tag_inheritance.priority")
        .load(cx.db)
}

/// Everything that a tag inherits from, in order of precedence. An unknown tag inherits nothing.
pub fn ancestors(cx: &mut Cx<'_>, tag: i64, event: Option<i32>) -> Result<Inheritance> {
    walk(cx, tag, event, Direction::Ancestors)
}

/// Everything that inherits from a tag.
pub fn descendants(cx: &mut Cx<'_>, tag: i64, event: Option<i32>) -> Result<Inheritance> {
    walk(cx, tag, event, Direction::Descendants)
}

/// Loads all links that can be reached and walks them.
pub fn walk(cx: &mut Cx<'_>, tag: i64, event: Option<i32>, direction: Direction) -> Result<Inheritance> {
    let (near, far) = match direction {
        Direction::Ancestors => ("tag_id", "parent_id"),
        Direction::Descendants => ("parent_id", "tag_id"),
    };
    let (holds, at) = versioned::at("tag_inheritance", event);
    let reach = format!(
        "WITH RECURSIVE reach (id) AS (SELECT tag.id FROM tag WHERE tag.id = ? \
         UNION SELECT tag_inheritance.{far} FROM reach \
         JOIN tag_inheritance ON tag_inheritance.{near} = reach.id WHERE {holds}) "
    );
    let rows: Vec<LinkRow> = Query::from("reach")
        .with(&reach, Each([vec![Bind::from(tag)], at].concat()))
        .join(&format!("tag_inheritance ON tag_inheritance.{near} = reach.id"))
        .join(&format!("tag ON tag.id = tag_inheritance.{far}"))
        .at("tag_inheritance", event)
        .order("tag_inheritance.priority")
        .order(&format!("tag_inheritance.{far}"))
        .load(cx.db)?;
    let inheritance = full(tag, &Graph::new(direction, rows.into_iter().map(edge)));
    if event.is_none() {
        for (from, to) in &inheritance.loops {
            tracing::warn!(from, to, "a loop in the inheritance of tags is passed over");
        }
    }
    Ok(inheritance)
}

pub(super) fn edge(row: LinkRow) -> Edge {
    Edge {
        child_id: row.child_id.into(),
        parent_id: row.parent_id.into(),
        name: row.name.into(),
        priority: row.priority.into(),
        maxdepth: row.maxdepth.map(Into::into),
        intransitive: row.intransitive,
        noconfig: row.noconfig,
        pkg_filter: row.pkg_filter.map(Into::into),
    }
}
