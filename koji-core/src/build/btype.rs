//! Build types: what kinds of content a build has.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::lookup::BuildRef;
use super::{row, typed};
use crate::context::Cx;
use crate::db::{Bind, Insert, Lookup, Query, QueryOpts, Rows, lookup};
use crate::row;
use crate::{Error, Result};

row! {
    /// A build type.
    pub struct BuildType {
        /// Its id
        pub id: i32 = "btype.id",
        /// Its name
        pub name: String = "btype.name",
    }
}

/// Marks a build as one of a type; nothing happens if it is one already.
pub fn add(cx: &mut Cx<'_>, build: i32, btype: &str) -> Result<()> {
    add_many(cx, build, &[btype])
}

/// Marks a build as one of several types.
pub fn add_many(cx: &mut Cx<'_>, build: i32, btypes: &[&str]) -> Result<()> {
    let ids: BTreeSet<i32> = ids(cx, btypes.iter().copied())?.into_iter().collect();
    let rows = ids.into_iter().map(|id| -> Vec<Bind> { vec![build.into(), id.into()] }).collect();
    Insert::many_or_ignore(cx.db, "build_types", &["build_id", "btype_id"], rows).map(drop)
}

/// The ids of build types; an error names the first that is not there.
pub fn ids<'n>(cx: &mut Cx<'_>, names: impl Iterator<Item = &'n str>) -> Result<Vec<i32>> {
    let wanted: Vec<Lookup> = names.map(Lookup::from).collect();
    let found = lookup::find_many(cx, "btype", wanted.iter())?;
    let id =
        |name: &Lookup| found.get(name).map(|btype| btype.id).ok_or_else(|| lookup::missing("btype", name));
    wanted.iter().map(id).collect()
}

/// The types of a build, each with what is known of it.
pub fn of_build(
    cx: &mut Cx<'_>,
    build: &BuildRef,
    strict: bool,
) -> Result<Option<BTreeMap<String, Option<Json>>>> {
    let Some(build) = row::find_or_fail(cx, build, strict)? else { return Ok(None) };
    let names: Vec<String> = Query::from("btype")
        .join("build_types ON build_types.btype_id = btype.id")
        .filter("build_types.build_id = ?", build.id)
        .select(cx.db, "btype.name")?;
    let known = build.extra.as_ref().and_then(|extra| extra.get("typeinfo"));
    let info = |name: &String| known.and_then(|known| known.get(name)).cloned();
    let mut types: BTreeMap<_, _> = names.into_iter().map(|name| (name.clone(), info(&name))).collect();
    // The tables of the older types go before what came with the build.
    let legacy = [
        ("maven", typed::find_maven(cx, build.id)?.map(serde_json::to_value)),
        ("win", typed::find_win(cx, build.id)?.map(serde_json::to_value)),
        ("image", typed::find_image(cx, build.id)?.map(serde_json::to_value)),
    ];
    for (name, info) in legacy {
        if let Some(info) = info {
            types.insert(name.to_owned(), Some(info?));
        }
    }
    Ok(Some(types))
}

/// All build types, or the one of a name or an id.
pub fn list(
    cx: &mut Cx<'_>,
    name: Option<&str>,
    id: Option<i64>,
    opts: &QueryOpts,
) -> Result<Rows<BuildType>> {
    Query::from("btype").filter_some("name = ?", name).filter_some("id = ?", id).rows(cx.db, opts)
}

/// Makes a build type.
pub fn create(cx: &mut Cx<'_>, name: &str) -> Result<()> {
    cx.env.config.name_limits()?.verify_internal(name)?;
    if !Insert::into("btype").set("name", name).or_ignore(cx.db)? {
        return Err(Error::generic("btype already exists"));
    }
    Ok(())
}
