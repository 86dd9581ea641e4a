//! Groups by name or id. A group's name belongs to no tag.

use crate::context::Cx;
use crate::db::lookup::{self, Named};
use crate::db::{Insert, Lookup};
use crate::{Error, Result};

/// A group that must be there.
pub fn get(cx: &mut Cx<'_>, group: &Lookup) -> Result<Named> {
    lookup::get(cx, "groups", "group", group)
}

/// A group; one that is looked up by a name nobody has is made.
pub fn ensure(cx: &mut Cx<'_>, group: &Lookup) -> Result<Named> {
    match (lookup::find(cx, "groups", group)?, group) {
        (Some(found), _) => Ok(found),
        (None, Lookup::Id(id)) => Err(Error::generic(format!("No such group: {id}; a name makes one"))),
        (None, Lookup::Name(name)) => {
            let id = Insert::into("groups").set("name", name).returning(cx.db, "id")?;
            Ok(Named { id, name: name.clone() })
        }
    }
}
