//! Build types: what kinds of content a build has.

use crate::Result;
use crate::context::Cx;
use crate::db::{Insert, Lookup, lookup};

/// Marks a build as one of a type; nothing happens if it is one already.
pub fn add(cx: &mut Cx<'_>, build: i32, btype: &str) -> Result<()> {
    let id = lookup::get(cx, "btype", "btype", &Lookup::from(btype))?.id;
    Insert::into("build_types").set("build_id", build).set("btype_id", id).or_ignore(cx.db).map(drop)
}
