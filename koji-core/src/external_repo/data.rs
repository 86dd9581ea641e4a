//! What the repository tracker knows of an external repository: any struct, versioned.

use super::get;
use crate::Result;
use crate::context::Cx;
use crate::db::lookup::{self, Named};
use crate::db::{Bind, Insert, Lookup, Query, versioned};
use crate::wire::{self, Map, Value};

/// The data of an external repository; null if there is none.
pub fn find(cx: &mut Cx<'_>, repo: &Lookup) -> Result<Value> {
    let repo = any(cx, repo)?;
    let text = Query::from("external_repo_data")
        .filter("external_repo_data.external_repo_id = ?", repo.id)
        .at("external_repo_data", None)
        .select_first::<Option<String>>(cx.db, "external_repo_data.data")?
        .flatten();
    text.map_or(Ok(Value::Nil), |text| wire::json::parse(text.as_bytes()))
}

/// Replaces the data of an external repository.
pub fn set(cx: &mut Cx<'_>, repo: &Lookup, data: Map) -> Result<()> {
    let repo = any(cx, repo)?;
    let text = wire::python_json::dumps(&Value::Struct(data))?;
    versioned::revoke(cx, "external_repo_data", "external_repo_id = ?", repo.id)?;
    let row =
        Insert::into("external_repo_data").set("external_repo_id", repo.id).set("data", Bind::Json(text));
    versioned::create(cx, row)
}

/// An external repository, deleted or not.
fn any(cx: &mut Cx<'_>, repo: &Lookup) -> Result<Named> {
    lookup::find(cx, "external_repo", repo)?.ok_or_else(|| get::missing(repo))
}
