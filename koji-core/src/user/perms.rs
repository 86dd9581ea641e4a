//! Permissions of users.

use crate::Result;
use crate::db::{Conn, Query};

/// The names of a user's permissions, his own and those of his groups, sorted.
pub fn of_user(conn: &mut Conn, user: i32) -> Result<Vec<String>> {
    Query::from("user_perms")
        .join("permissions ON permissions.id = user_perms.perm_id")
        .filter("user_perms.active = TRUE", ())
        .filter(
            "user_perms.user_id = ? OR user_perms.user_id IN \
             (SELECT group_id FROM user_groups WHERE user_groups.active = TRUE AND user_groups.user_id = ?)",
            (user, user),
        )
        .distinct()
        .order("permissions.name")
        .select(conn, "permissions.name")
}
