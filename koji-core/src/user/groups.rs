//! Groups of users: users of another kind, whose permissions their members have. Groups do not nest.

use serde::Serialize;

use super::info::{self, UserRef, UserRow};
use super::list::principals_of;
use super::setup::usertype;
use super::{edit, edit::status};
use crate::context::Cx;
use crate::db::lookup::Named;
use crate::db::{Insert, Query, versioned};
use crate::{Error, Result};

/// A member of a group.
#[derive(Clone, Debug, Serialize)]
pub struct Member {
    id: i32,
    name: String,
    usertype: i32,
    krb_principals: Vec<String>,
}

/// Makes a group; its id.
pub fn create(cx: &mut Cx<'_>, name: &str) -> Result<i32> {
    cx.env.config.name_limits()?.verify_internal(name)?;
    edit::refuse_known(cx, name, "user/group")?;
    edit::insert(cx, name, usertype::GROUP, status::NORMAL)
}

/// The group that is meant.
fn get(cx: &mut Cx<'_>, group: &UserRef) -> Result<UserRow> {
    info::find(cx, group)?
        .filter(|found| found.usertype == usertype::GROUP)
        .ok_or_else(|| Error::generic(format!("Not a group: {group}")))
}

/// Puts a user into a group. One who is there already is an error, unless not `strict`.
pub fn add_member(cx: &mut Cx<'_>, group: &UserRef, user: &UserRef, strict: bool) -> Result<()> {
    let found = get(cx, group)?;
    let member = info::find(cx, user)?.ok_or_else(|| Error::generic(format!("Not a user: {user}")))?;
    if member.usertype == usertype::GROUP {
        return Err(Error::generic("Groups cannot be members of other groups"));
    }
    let there = Query::from("user_groups")
        .filter("active = TRUE AND user_id = ? AND group_id = ?", (member.id, found.id))
        .exists(cx.db)?;
    match (there, strict) {
        (true, true) => {
            Err(Error::generic(format!("User {} is in group {} already", member.name, found.name)))
        }
        (true, false) => Ok(()),
        (false, _) => versioned::create(
            cx,
            Insert::into("user_groups").set("user_id", member.id).set("group_id", found.id),
        ),
    }
}

/// Takes a user out of a group.
pub fn drop_member(cx: &mut Cx<'_>, group: &UserRef, user: &UserRef) -> Result<()> {
    let member = info::get(cx, user)?;
    let found = get(cx, group)?;
    let dropped =
        versioned::revoke(cx, "user_groups", "user_id = ? AND group_id = ?", (member.id, found.id))?;
    match dropped {
        0 => Err(Error::generic(format!("No such user in group {}: {}", found.name, member.name))),
        _ => Ok(()),
    }
}

/// The members of a group, by id.
pub fn members(cx: &mut Cx<'_>, group: &UserRef) -> Result<Vec<Member>> {
    let found = get(cx, group)?;
    let users = Query::from("user_groups")
        .join("users ON users.id = user_groups.user_id")
        .at("user_groups", None)
        .filter("user_groups.group_id = ?", found.id)
        .order("users.id")
        .load::<UserRow>(cx.db)?;
    let mut principals = principals_of(cx, &users)?;
    Ok(users
        .into_iter()
        .map(|UserRow { id, name, usertype, .. }| Member {
            id,
            name,
            usertype,
            krb_principals: principals.remove(&id).unwrap_or_default(),
        })
        .collect())
}

/// The groups that a user is in, by id.
pub fn of_user(cx: &mut Cx<'_>, user: i32) -> Result<Vec<Named>> {
    let rows = Query::from("user_groups")
        .join("users ON users.id = user_groups.group_id")
        .at("user_groups", None)
        .filter("user_groups.user_id = ? AND users.usertype = ?", (user, usertype::GROUP))
        .order("users.id")
        .select::<(i32, String)>(cx.db, "users.id, users.name")?;
    Ok(rows.into_iter().map(|(id, name)| Named { id, name }).collect())
}
