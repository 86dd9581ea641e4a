//! The list of users.

use std::collections::HashMap;

use super::info::{UserInfo, UserRow};
use crate::context::Cx;
use crate::db::{Lookup, Query, QueryOpts, Rows, lookup};
use crate::{Error, Result};

/// Which users to list.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Only users of these kinds
    pub kinds: Option<Vec<i64>>,
    /// Only users whose name begins so, whatever the case
    pub prefix: Option<String>,
    /// Only users with this permission
    pub perm: Option<Lookup>,
    /// Users count who have it by a group
    pub inherited: bool,
}

/// Users with their principals.
pub fn list(cx: &mut Cx<'_>, wanted: &Wanted, opts: &QueryOpts) -> Result<Rows<UserInfo>> {
    if wanted.inherited && wanted.perm.is_none() {
        return Err(Error::generic("inherited_perm option must be used with perm option"));
    }
    let mut query = Query::from("users").filter_some("users.usertype IN ?", wanted.kinds.clone());
    if let Some(perm) = &wanted.perm {
        query = with_perm(query, lookup::get(cx, "permissions", "permission", perm)?.id, wanted.inherited);
    }
    if let Some(prefix) = wanted.prefix.as_ref().filter(|prefix| !prefix.is_empty()) {
        // Koji leaves the signs of LIKE in a prefix as they are
        query = query.filter("lower(users.name) LIKE lower(?) ESCAPE '\\'", format!("{prefix}%"));
    }
    if opts.group.as_ref().is_some_and(|group| !group.is_empty()) {
        return Err(Error::generic("queryOpts.group is not available for this API"));
    }
    let users = match query.order("users.id").rows::<UserRow>(cx.db, opts)? {
        Rows::Count(count) => return Ok(Rows::Count(count)),
        users => users.into_list(),
    };
    let mut principals = principals_of(cx, &users)?;
    let described = users.into_iter().map(|user| UserInfo {
        krb_principals: Some(principals.remove(&user.id).unwrap_or_default()),
        user,
        groups: None,
    });
    Ok(opts.rows(described.collect()))
}

fn with_perm(query: Query, perm: i32, inherited: bool) -> Query {
    const OWN: &str = "users.id IN (SELECT user_perms.user_id FROM user_perms \
        WHERE user_perms.active = TRUE AND user_perms.perm_id = ?)";
    const BY_GROUP: &str = "users.id IN (SELECT user_groups.user_id FROM user_groups \
        JOIN user_perms ON user_perms.user_id = user_groups.group_id \
        WHERE user_groups.active = TRUE AND user_perms.active = TRUE AND user_perms.perm_id = ?)";
    match inherited {
        true => query.filter(&format!("{OWN} OR {BY_GROUP}"), (perm, perm)),
        false => query.filter(OWN, perm),
    }
}

/// The principals of users, by the user's id.
pub(super) fn principals_of(cx: &mut Cx<'_>, users: &[UserRow]) -> Result<HashMap<i32, Vec<String>>> {
    let ids: Vec<i32> = users.iter().map(|user| user.id).collect();
    let rows = Query::from("user_krb_principals")
        .filter("user_id IN ?", ids)
        .order("krb_principal")
        .select::<(i32, String)>(cx.db, "user_id, krb_principal")?;
    let mut found: HashMap<i32, Vec<String>> = HashMap::new();
    for (user, principal) in rows {
        found.entry(user).or_default().push(principal);
    }
    Ok(found)
}
