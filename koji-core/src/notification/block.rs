//! What users do not want to be told of, whatever they want or own.

use super::subscription::{self, Subject};
use crate::context::Cx;
use crate::db::{Delete, Insert, Query};
use crate::user::info::{self, UserRef};
use crate::{Error, Result, row};

row! {
    /// A wish for no mails.
    pub struct Block {
        /// Its id
        pub id: i32 = "id",
        /// Who does not want them
        pub user_id: i32 = "user_id",
        /// About this package; null for all
        pub package_id: Option<i32> = "package_id",
        /// About this tag; null for all
        pub tag_id: Option<i32> = "tag_id",
    }
}

/// What a user does not want; the caller, if nobody is named.
pub fn list(cx: &mut Cx<'_>, user: &UserRef) -> Result<Vec<Block>> {
    let user = info::get(cx, user)?;
    of_user(cx, user.id)
}

fn of_user(cx: &mut Cx<'_>, user: i32) -> Result<Vec<Block>> {
    Query::from("build_notifications_block").filter("user_id = ?", user).order("id").load(cx.db)
}

/// One by its id.
pub fn find(cx: &mut Cx<'_>, id: i64) -> Result<Option<Block>> {
    Query::from("build_notifications_block").filter("id = ?", id).first(cx.db)
}

/// The same, and an error when there is none.
pub fn get(cx: &mut Cx<'_>, id: i64) -> Result<Block> {
    find(cx, id)?.ok_or_else(|| Error::generic(format!("No notification block with ID {id} found")))
}

/// Makes one for a user: oneself, or anybody if the caller is an admin.
pub fn create(cx: &mut Cx<'_>, user: &UserRef, subject: &Subject) -> Result<()> {
    let user = subscription::for_user(cx, user, "create notification blocks for")?;
    let (package, tag) = subject.ids(cx)?;
    if of_user(cx, user.id)?.iter().any(|known| known.package_id == package && known.tag_id == tag) {
        return Err(Error::generic("notification already exists"));
    }
    Insert::into("build_notifications_block")
        .set("user_id", user.id)
        .set("package_id", package)
        .set("tag_id", tag)
        .execute(cx.db)
}

/// Takes one away.
pub fn delete(cx: &mut Cx<'_>, id: i64) -> Result<()> {
    let old = get(cx, id)?;
    subscription::logged_in(cx)?;
    subscription::own(cx, old.user_id, "delete notification blocks for")?;
    Delete::from("build_notifications_block").filter("id = ?", old.id).execute(cx.db).map(drop)
}
