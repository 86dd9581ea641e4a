//! What users want to be told of: builds of a package, builds in a tag, or both. Null stands for all.

use crate::context::Cx;
use crate::db::{Delete, Insert, Lookup, Query, Update, lookup as named};
use crate::package::lookup as packages;
use crate::user::info::{self, UserRef, UserRow};
use crate::{Error, Result, row};

row! {
    /// A wish for mails.
    pub struct Notification {
        /// Its id
        pub id: i32 = "id",
        /// Who wants them
        pub user_id: i32 = "user_id",
        /// About this package; null for all
        pub package_id: Option<i32> = "package_id",
        /// About this tag; null for all
        pub tag_id: Option<i32> = "tag_id",
        /// Whether only what succeeds is told
        pub success_only: bool = "success_only",
        /// Where the mails go
        pub email: String = "email",
    }
}

/// What to be told of.
#[derive(Clone, Debug)]
pub struct Subject {
    /// A package; none for all
    pub package: Option<Lookup>,
    /// A tag; none for all
    pub tag: Option<Lookup>,
}

impl Subject {
    /// The ids of package and tag, which must be there.
    pub(super) fn ids(&self, cx: &mut Cx<'_>) -> Result<(Option<i32>, Option<i32>)> {
        let package = self.package.as_ref().map(|package| packages::get(cx, package)).transpose()?;
        let tag = self.tag.as_ref().map(|tag| named::get(cx, "tag", "tag", tag)).transpose()?;
        Ok((package.map(|package| package.id), tag.map(|tag| tag.id)))
    }
}

/// What a user wants; the caller, if nobody is named.
pub fn list(cx: &mut Cx<'_>, user: &UserRef) -> Result<Vec<Notification>> {
    let user = info::get(cx, user)?;
    of_user(cx, user.id)
}

fn of_user(cx: &mut Cx<'_>, user: i32) -> Result<Vec<Notification>> {
    Query::from("build_notifications").filter("user_id = ?", user).order("id").load(cx.db)
}

/// One by its id.
pub fn find(cx: &mut Cx<'_>, id: i64) -> Result<Option<Notification>> {
    Query::from("build_notifications").filter("id = ?", id).first(cx.db)
}

/// The same, and an error when there is none.
pub fn get(cx: &mut Cx<'_>, id: i64) -> Result<Notification> {
    find(cx, id)?.ok_or_else(|| Error::generic(format!("No notification with ID {id} found")))
}

/// Makes one for a user: oneself, or anybody if the caller is an admin.
pub fn create(cx: &mut Cx<'_>, user: &UserRef, subject: &Subject, success_only: bool) -> Result<()> {
    let user = for_user(cx, user, "create notifications for")?;
    let (package, tag) = subject.ids(cx)?;
    refuse_double(cx, user.id, package, tag, success_only)?;
    let email = address(cx, &user.name);
    Insert::into("build_notifications")
        .set("user_id", user.id)
        .set("package_id", package)
        .set("tag_id", tag)
        .set("success_only", success_only)
        .set("email", email)
        .execute(cx.db)
}

/// Changes one. Which, is asked once the caller is known.
pub fn update(
    cx: &mut Cx<'_>,
    id: impl FnOnce() -> Result<i64>,
    subject: &Subject,
    success_only: bool,
) -> Result<()> {
    logged_in(cx)?;
    let old = get(cx, id()?)?;
    own(cx, old.user_id, "update notifications for")?;
    let (package, tag) = subject.ids(cx)?;
    refuse_double(cx, old.user_id, package, tag, success_only)?;
    Update::table("build_notifications")
        .set("package_id", package)
        .set("tag_id", tag)
        .set("success_only", success_only)
        .filter("id = ?", old.id)
        .execute(cx.db)
        .map(drop)
}

/// Takes one away.
pub fn delete(cx: &mut Cx<'_>, id: i64) -> Result<()> {
    let old = get(cx, id)?;
    logged_in(cx)?;
    own(cx, old.user_id, "delete notifications for")?;
    Delete::from("build_notifications").filter("id = ?", old.id).execute(cx.db).map(drop)
}

fn refuse_double(
    cx: &mut Cx<'_>,
    user: i32,
    package: Option<i32>,
    tag: Option<i32>,
    success_only: bool,
) -> Result<()> {
    let same = |known: &Notification| {
        known.package_id == package && known.tag_id == tag && known.success_only == success_only
    };
    if of_user(cx, user)?.iter().any(same) {
        return Err(Error::generic("notification already exists"));
    }
    Ok(())
}

/// The mail address of a user: the name at the hub's option `EmailDomain`.
pub(super) fn address(cx: &Cx<'_>, user: &str) -> String {
    // without the option Koji writes Python's None, and clients have seen that
    format!("{user}@{}", cx.env.config.find_text("EmailDomain").unwrap_or("None"))
}

/// The user that is meant, who must be the caller unless that is an admin.
pub(super) fn for_user(cx: &mut Cx<'_>, user: &UserRef, what: &str) -> Result<UserRow> {
    logged_in(cx)?;
    let user = info::get(cx, user)?;
    own(cx, user.id, what)?;
    Ok(user)
}

/// Refuses an anonymous caller.
pub(super) fn logged_in(cx: &Cx<'_>) -> Result<()> {
    match cx.actor.session {
        Some(_) => Ok(()),
        None => Err(Error::generic("Not logged-in")),
    }
}

/// Refuses what is another user's, except to an admin.
pub(super) fn own(cx: &mut Cx<'_>, user: i32, what: &str) -> Result<()> {
    let caller = cx.user_id()?;
    if caller == user || cx.has_perm("admin")? {
        return Ok(());
    }
    Err(Error::generic(format!("user {caller} cannot {what} user {user}")))
}
