//! Setting a hub up: users that an operator makes on the hub's own machine, where there may be none yet.

use crate::context::Cx;
use crate::db::{Insert, Query, Update, lookup};
use crate::session::password;
use crate::{Error, Result};

/// A user to be there.
pub struct NewUser<'a> {
    /// The name
    pub name: &'a str,
    /// The password, stored as a hash
    pub password: Option<&'a str>,
    /// Permissions to hold
    pub permissions: &'a [String],
}

/// The kinds of users, as `users.usertype` has them.
pub mod usertype {
    /// A person or a program
    pub const NORMAL: i32 = 0;
    /// A builder
    pub const HOST: i32 = 1;
    /// A group of users
    pub const GROUP: i32 = 2;
}

/// Makes a user or changes the one there is; its id. The first user of a hub is its own creator.
pub fn add(cx: &mut Cx<'_>, user: &NewUser<'_>) -> Result<i32> {
    let id = ensure(cx, user.name, usertype::NORMAL, user.password)?;
    cx.act_as(id, user.name);
    let wanted = Query::from("permissions")
        .filter("name IN ?", user.permissions)
        .select::<(i32, String)>(cx.db, "id, name")?;
    if let Some(unknown) =
        user.permissions.iter().find(|name| !wanted.iter().any(|(_, known)| known == *name))
    {
        let known: Vec<String> = Query::from("permissions").order("name").select(cx.db, "name")?;
        return Err(Error::generic(format!("no such permission: {unknown}; there are {}", known.join(", "))));
    }
    let held: Vec<i32> =
        Query::from("user_perms").filter("user_id = ? AND active = TRUE", id).select(cx.db, "perm_id")?;
    let rows = wanted
        .into_iter()
        .filter(|(perm, _)| !held.contains(perm))
        .map(|(perm, _)| vec![id.into(), perm.into()])
        .collect();
    crate::db::versioned::create_many(cx, "user_perms", &["user_id", "perm_id"], rows)?;
    Ok(id)
}

/// A user of a kind, made if there is none; a password given replaces the old one.
pub(crate) fn ensure(cx: &mut Cx<'_>, name: &str, usertype: i32, secret: Option<&str>) -> Result<i32> {
    if name.is_empty() {
        return Err(Error::generic("a user must have a name"));
    }
    let hashed = secret.map(password::hash).transpose()?;
    match lookup::find(cx, "users", &name.into())? {
        Some(user) => {
            if let Some(hashed) = hashed {
                Update::table("users").set("password", hashed).filter("id = ?", user.id).execute(cx.db)?;
            }
            Ok(user.id)
        }
        None => Insert::into("users")
            .set("name", name)
            .set("password", hashed)
            .set("status", 0)
            .set("usertype", usertype)
            .returning(cx.db, "id"),
    }
}
