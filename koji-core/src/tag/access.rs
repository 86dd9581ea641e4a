//! Whether a user may change what is in a tag: locks, and the permission that a tag may ask for.

use crate::context::Cx;
use crate::db::{Lookup, Query};
use crate::{Error, Result, row, user};

row! {
    /// What there is to know of a tag before its content is changed.
    pub struct TagState {
        /// Its id
        pub id: i32 = "tag.id",
        /// Its name
        pub name: String = "tag.name",
        /// Whether nothing may be changed
        pub locked: bool = "tag_config.locked",
        /// The permission that it asks for
        pub perm: Option<String> = "permissions.name",
    }
}

/// A tag that is not deleted, now or at an event.
pub fn find(cx: &mut Cx<'_>, tag: &Lookup, event: Option<i32>) -> Result<Option<TagState>> {
    let query = Query::from("tag_config")
        .join("tag ON tag.id = tag_config.tag_id")
        .left_join("permissions ON permissions.id = tag_config.perm_id")
        .at("tag_config", event);
    tag.condition(query, "tag").first(cx.db)
}

/// The same, and an error when there is none.
pub fn get(cx: &mut Cx<'_>, tag: &Lookup) -> Result<TagState> {
    find(cx, tag, None)?.ok_or_else(|| missing(tag))
}

/// Lets other writers of a tag wait until this call ends; what is read after this is what they have left.
pub fn hold(cx: &mut Cx<'_>, tag: &Lookup) -> Result<()> {
    tag.condition(Query::from("tag"), "tag").for_update().select_first::<i32>(cx.db, "tag.id").map(drop)
}

/// The error of a tag that is not there, or deleted.
pub fn missing(tag: &Lookup) -> Error {
    Error::generic(format!("No such tag: {tag}"))
}

/// What a tag says to a user: whether he may change it, whether he could force it, and why not.
pub type Access = (bool, bool, String);

/// `checkTagAccess`.
pub fn check(cx: &mut Cx<'_>, tag: &TagState, user: i32) -> Result<Access> {
    let perms = user::perms::of_user(cx.db, user)?;
    let holds = |wanted: &str| perms.iter().any(|perm| perm == wanted);
    let may_force = holds("admin");
    if tag.locked {
        return Ok((false, may_force, "tag is locked".to_owned()));
    }
    match &tag.perm {
        Some(perm) if !holds(perm) => Ok((false, may_force, format!("tag requires {perm} permission"))),
        _ => Ok((true, may_force, String::new())),
    }
}

/// Refuses a user who may not change a tag, unless he is an admin and forces it.
pub fn assert(cx: &mut Cx<'_>, tag: &TagState, user: i32, force: bool) -> Result<()> {
    match check(cx, tag, user)? {
        (true, ..) => Ok(()),
        (_, true, _) if force => Ok(()),
        (_, may_force, reason) => {
            let remedy = if may_force { "; an admin may force it" } else { "" };
            Err(Error::not_allowed(format!("{}: {reason}{remedy}", tag.name)))
        }
    }
}
