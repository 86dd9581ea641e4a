//! Methods about permissions.

use std::collections::BTreeMap;

use super::later::Later;
use crate::db::{Lookup, lookup};
use crate::user::info::{self, UserRef};
use crate::user::permission::{self, Grant, PermissionRow};
use crate::wire::Value;
use crate::{Error, methods};

methods! {
    /// All permissions there are.
    read Anyone => GetAllPerms "getAllPerms" () -> Vec<PermissionRow> = |_m, cx| permission::all(cx);

    /// The permissions of the user who calls.
    read Anyone => GetPerms "getPerms" () -> Vec<String> = |_m, cx| cx.perms().map(<[String]>::to_vec);

    /// Whether the user who calls has a permission. Admin does not include the others here.
    read Anyone => HasPerm "hasPerm" (perm: Value, strict: bool = false) -> bool = |m, cx| {
        if m.strict {
            let perm = Lookup::from_value(&m.perm)?;
            if lookup::find(cx, "permissions", &perm)?.is_none() {
                return Err(Error::generic(format!("No such permission {perm} defined")));
            }
        }
        // permissions have names, and nothing else is one
        m.perm.as_str().map_or(Ok(false), |name| cx.has_perm(name))
    };

    /// The permissions of a user (of the caller if none is named), with those of its groups.
    read Anyone => GetUserPerms "getUserPerms" (userID: UserRef = UserRef::Me, with_groups: bool = true)
        -> Vec<String> = |m, cx| {
            let user = info::get(cx, &m.userID)?;
            permission::of_user(cx, user.id, m.with_groups)
        };

    /// The permissions of a user, each with the groups that give it; null stands for the user itself.
    read Anyone => GetUserPermsInheritance "getUserPermsInheritance" (userID: UserRef)
        -> BTreeMap<String, Vec<Option<String>>> = |m, cx| {
            let user = info::get(cx, &m.userID)?;
            permission::sources(cx, user.id)
        };

    /// Grants a permission to a user or group. With `create` it need not exist yet, and may be described.
    write Perm("admin") => GrantPermission "grantPermission" (userinfo: UserRef, permission: Later<Lookup>,
            create: bool = false, #[checked] description: Option<String> = None) -> () = |m, cx| {
        let grant = Grant { user: m.userinfo, create: m.create, description: m.description };
        permission::grant(cx, &grant, || m.permission.read_name("permission", m.create))
    };

    /// Takes a permission from a user or group.
    write Perm("admin") => RevokePermission "revokePermission" (userinfo: UserRef, permission: Later<Lookup>) -> ()
        = |m, cx| permission::revoke(cx, &m.userinfo, || m.permission.read("permission"));

    /// Describes a permission.
    write Perm("admin") => EditPermission "editPermission" (permission: Lookup, #[checked] description: String) -> ()
        = |m, cx| permission::edit(cx, &m.permission, &m.description);
}
