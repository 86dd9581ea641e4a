//! Making packages.

use crate::Result;
use crate::context::Cx;
use crate::db::{Insert, Query};

/// The id of a package; it is made if there is none of that name.
pub fn ensure(cx: &mut Cx<'_>, name: &str) -> Result<i32> {
    cx.env.config.name_limits()?.verify_internal(name)?;
    let find = Query::from("package").filter("name = ?", name);
    if let Some(id) = find.select_first(cx.db, "id")? {
        return Ok(id);
    }
    Insert::into("package").set("name", name).returning(cx.db, "id")
}
