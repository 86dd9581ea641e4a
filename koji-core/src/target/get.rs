//! Build targets, now or at an event.

use std::collections::HashMap;

use crate::context::Cx;
use crate::db::{Lookup, Query, QueryOpts, Rows, lookup};
use crate::{Error, Result};

crate::row! {
    /// A build target.
    pub struct TargetRow {
        /// Its id
        pub id: i32 = "build_target.id",
        /// The tag that builds are made with
        pub build_tag: i32 = "build_target_config.build_tag",
        /// The tag that builds are put into
        pub dest_tag: i32 = "build_target_config.dest_tag",
        /// Its name; names have no history
        pub name: String = "build_target.name",
        /// The name of the tag that builds are made with
        pub build_tag_name: String = "tag1.name",
        /// The name of the tag that builds are put into
        pub dest_tag_name: String = "tag2.name",
    }
}

/// Which targets to list.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// This one
    pub info: Option<Lookup>,
    /// As they were at an event
    pub event: Option<i32>,
    /// Those that build with this tag
    pub build_tag: Option<Lookup>,
    /// Those that put builds into this tag
    pub dest_tag: Option<Lookup>,
}

/// Lists targets.
pub fn list(cx: &mut Cx<'_>, wanted: &Wanted, opts: &QueryOpts) -> Result<Rows<TargetRow>> {
    query(wanted).rows(cx.db, opts)
}

/// The one target that is wanted. None, if there is no such one or more than one.
pub fn find(cx: &mut Cx<'_>, wanted: &Wanted) -> Result<Option<TargetRow>> {
    let mut found = query(wanted).limit(2).load::<TargetRow>(cx.db)?;
    Ok(if found.len() == 1 { found.pop() } else { None })
}

/// A target by its name or id.
pub fn find_named(cx: &mut Cx<'_>, info: &Lookup, event: Option<i32>) -> Result<Option<TargetRow>> {
    find(cx, &Wanted { info: Some(info.clone()), event, ..Wanted::default() })
}

/// The targets of these names or ids, under every lookup that means one.
pub fn find_many<'w>(
    cx: &mut Cx<'_>,
    what: impl Iterator<Item = &'w Lookup>,
) -> Result<HashMap<Lookup, TargetRow>> {
    let (ids, names) = lookup::ids_and_names(what);
    let mut found = HashMap::new();
    if ids.is_empty() && names.is_empty() {
        return Ok(found);
    }
    let of = query(&Wanted::default()).filter("build_target.id IN ? OR build_target.name IN ?", (ids, names));
    for target in of.load::<TargetRow>(cx.db)? {
        found.insert(Lookup::from(target.id), target.clone());
        found.insert(Lookup::from(&target.name), target);
    }
    Ok(found)
}

/// A target by its name or id.
pub fn get(cx: &mut Cx<'_>, info: &Lookup, event: Option<i32>) -> Result<TargetRow> {
    find_named(cx, info, event)?.ok_or_else(|| missing(info))
}

/// The error of a target that is not there, or deleted.
pub fn missing(info: &Lookup) -> Error {
    Error::generic(format!("No such build target: {info}"))
}

fn query(wanted: &Wanted) -> Query {
    let mut query = Query::from("build_target_config")
        .join("build_target ON build_target.id = build_target_config.build_target_id")
        .join("tag AS tag1 ON tag1.id = build_target_config.build_tag")
        .join("tag AS tag2 ON tag2.id = build_target_config.dest_tag")
        .at("build_target_config", wanted.event);
    let conditions =
        [("build_target", &wanted.info), ("tag1", &wanted.build_tag), ("tag2", &wanted.dest_tag)];
    for (table, info) in conditions {
        if let Some(info) = info {
            query = info.condition(query, table);
        }
    }
    query
}
