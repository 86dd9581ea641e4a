//! Who may speak for a content generator.

use crate::context::Cx;
use crate::db::lookup::{self, Named};
use crate::db::{Lookup, Query};
use crate::{Error, Result};

/// A content generator that the caller may speak for.
pub fn require(cx: &mut Cx<'_>, generator: &Lookup) -> Result<Named> {
    let cg = lookup::get(cx, "content_generator", "content_generator", generator)?;
    let user = cx.user_id().map_err(|_| Error::auth("Not logged-in"))?;
    let may = Query::from("cg_users")
        .filter("active = TRUE AND user_id = ? AND cg_id = ?", (user, cg.id))
        .exists(cx.db)?;
    if may {
        return Ok(cg);
    }
    Err(Error::auth(format!("Content generator access required ({})", cg.name)))
}
