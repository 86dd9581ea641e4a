//! Permissions: what there are, and who is granted which. What a user may is in [`super::perms`].

use std::collections::BTreeMap;

use super::info::{self, UserRef};
use crate::context::Cx;
use crate::db::lookup::{self, Named};
use crate::db::{Insert, Lookup, Query, Update, versioned};
use crate::{Error, Result};

crate::row! {
    /// A permission.
    pub struct PermissionRow {
        /// Its id
        pub id: i32 = "permissions.id",
        /// Its name
        pub name: String = "permissions.name",
        /// What it allows
        pub description: Option<String> = "permissions.description",
    }
}

/// A grant to be made.
#[derive(Clone, Debug)]
pub struct Grant {
    /// To whom
    pub user: UserRef,
    /// Make the permission if there is none
    pub create: bool,
    /// Describe it so; only with `create`
    pub description: Option<String>,
}

/// All permissions, by id.
pub fn all(cx: &mut Cx<'_>) -> Result<Vec<PermissionRow>> {
    Query::from("permissions").order("permissions.id").load(cx.db)
}

/// Grants a permission to a user or group. What permission is asked first if it may be a new one, and otherwise once
/// the user is found.
pub fn grant(cx: &mut Cx<'_>, grant: &Grant, permission: impl FnOnce() -> Result<Lookup>) -> Result<()> {
    let (user, permission) = if grant.create {
        let permission = permission()?;
        if let Lookup::Name(name) = &permission {
            cx.env.config.name_limits()?.verify_internal(name)?;
        }
        (info::get(cx, &grant.user)?, permission)
    } else {
        if grant.description.is_some() {
            return Err(Error::generic("Description should be specified only with create."));
        }
        (info::get(cx, &grant.user)?, permission()?)
    };
    let permission = get_or_create(cx, grant, &permission)?;
    if is_granted(cx, user.id, permission.id)? {
        return Err(Error::generic(format!(
            "user {} already has permission: {}",
            user.name, permission.name
        )));
    }
    versioned::create(cx, Insert::into("user_perms").set("user_id", user.id).set("perm_id", permission.id))?;
    cx.forget_caller();
    Ok(())
}

fn get_or_create(cx: &mut Cx<'_>, grant: &Grant, permission: &Lookup) -> Result<Named> {
    let permission = match (lookup::find(cx, "permissions", permission)?, permission) {
        (Some(found), _) => found,
        (None, Lookup::Name(name)) if grant.create => {
            let id = Insert::into("permissions").set("name", name).returning(cx.db, "id")?;
            Named { id, name: name.clone() }
        }
        (None, what) => return Err(unknown(what)),
    };
    if let Some(description) = &grant.description {
        describe(cx, permission.id, description)?;
    }
    Ok(permission)
}

fn unknown(what: &Lookup) -> Error {
    Error::generic(format!("No such permission: {what}"))
}

fn describe(cx: &mut Cx<'_>, permission: i32, description: &str) -> Result<()> {
    Update::table("permissions")
        .set("description", description)
        .filter("id = ?", permission)
        .execute(cx.db)
        .map(drop)
}

fn is_granted(cx: &mut Cx<'_>, user: i32, permission: i32) -> Result<bool> {
    Query::from("user_perms")
        .filter("active = TRUE AND user_id = ? AND perm_id = ?", (user, permission))
        .exists(cx.db)
}

/// Takes a permission from a user or group, who must hold it itself.
pub fn revoke(cx: &mut Cx<'_>, user: &UserRef, permission: impl FnOnce() -> Result<Lookup>) -> Result<()> {
    let user = info::get(cx, user)?;
    let permission = permission()?;
    let permission = lookup::find(cx, "permissions", &permission)?.ok_or_else(|| unknown(&permission))?;
    let revoked =
        versioned::revoke(cx, "user_perms", "user_id = ? AND perm_id = ?", (user.id, permission.id))?;
    if revoked == 0 {
        return Err(Error::generic(format!(
            "user {} does not have permission: {}",
            user.name, permission.name
        )));
    }
    cx.forget_caller();
    Ok(())
}

/// Describes a permission anew.
pub fn edit(cx: &mut Cx<'_>, permission: &Lookup, description: &str) -> Result<()> {
    let found = lookup::find(cx, "permissions", permission)?.ok_or_else(|| unknown(permission))?;
    describe(cx, found.id, description)
}

/// The names of the permissions that a user holds itself, and with `groups` those of its groups, sorted.
pub fn of_user(cx: &mut Cx<'_>, user: i32, groups: bool) -> Result<Vec<String>> {
    if groups {
        return super::perms::of_user(cx.db, user);
    }
    Query::from("user_perms")
        .join("permissions ON permissions.id = user_perms.perm_id")
        .filter("user_perms.active = TRUE AND user_perms.user_id = ?", user)
        .order("permissions.name")
        .select(cx.db, "permissions.name")
}

/// Where a user's permissions come from: for each the names of groups, and None where it is the user's own.
pub fn sources(cx: &mut Cx<'_>, user: i32) -> Result<BTreeMap<String, Vec<Option<String>>>> {
    let own = of_user(cx, user, false)?;
    let mut sources: BTreeMap<String, Vec<Option<String>>> =
        own.into_iter().map(|name| (name, vec![None])).collect();
    let by_group = Query::from("user_groups")
        .join("user_perms ON user_perms.user_id = user_groups.group_id")
        .join("permissions ON permissions.id = user_perms.perm_id")
        .join("users ON users.id = user_groups.group_id")
        .filter("user_groups.active = TRUE AND user_perms.active = TRUE AND user_groups.user_id = ?", user)
        .order("users.name")
        .select::<(String, String)>(cx.db, "permissions.name, users.name")?;
    for (permission, group) in by_group {
        sources.entry(permission).or_default().push(Some(group));
    }
    Ok(sources)
}
