//! What is told about one user, and the ways to name one.

use serde::Serialize;

use super::{groups, principal};
use crate::context::Cx;
use crate::db::Query;
use crate::{Error, Result};

/// How a caller names a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserRef {
    /// The user who calls.
    Me,
    /// By id.
    Id(i64),
    /// By name or Kerberos principal.
    Text(String),
    /// By all of the parts that are given; at least one is.
    Parts {
        /// The id
        id: Option<i64>,
        /// The name
        name: Option<String>,
        /// The Kerberos principal
        krb_principal: Option<String>,
    },
}

impl From<&str> for UserRef {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for UserRef {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<i64> for UserRef {
    fn from(id: i64) -> Self {
        Self::Id(id)
    }
}

impl std::fmt::Display for UserRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Me => f.write_str("the caller"),
            Self::Id(id) => id.fmt(f),
            Self::Text(text) => f.write_str(text),
            Self::Parts { id, name, krb_principal } => {
                let id = id.map(|id| id.to_string());
                let parts: Vec<&str> =
                    [&id, name, krb_principal].into_iter().flatten().map(String::as_str).collect();
                f.write_str(&parts.join(", "))
            }
        }
    }
}

crate::row! {
    /// A user.
    pub struct UserRow {
        /// The id
        pub id: i32 = "users.id",
        /// The name
        pub name: String = "users.name",
        /// 0 normal, 1 blocked
        pub status: i32 = "users.status",
        /// 0 person, 1 host, 2 group
        pub usertype: i32 = "users.usertype",
    }
}

/// A user as `getUser` tells it.
#[derive(Clone, Debug, Serialize)]
pub struct UserInfo {
    /// The user itself
    #[serde(flatten)]
    pub user: UserRow,
    /// The Kerberos principals, if they were asked for
    #[serde(skip_serializing_if = "Option::is_none")]
    pub krb_principals: Option<Vec<String>>,
    /// The names of the user's groups, if they were asked for
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<String>>,
}

/// The caller as `getLoggedInUser` tells it.
#[derive(Clone, Debug, Serialize)]
pub struct Caller {
    #[serde(flatten)]
    user: UserRow,
    krb_principals: Vec<String>,
    /// The first principal, for old clients.
    krb_principal: Option<String>,
    authtype: i32,
}

/// The user that is meant, if there is one.
pub fn find(cx: &mut Cx<'_>, who: &UserRef) -> Result<Option<UserRow>> {
    let query = match who {
        UserRef::Me => {
            let me = cx.actor.session.as_ref().map(|session| session.user_id);
            let me = me.ok_or_else(|| Error::generic("No user provided, and nobody is logged in"))?;
            Query::from("users").filter("users.id = ?", me)
        }
        UserRef::Id(id) => Query::from("users").filter("users.id = ?", *id),
        UserRef::Text(text) => Query::from("users").filter(
            "users.id IN (SELECT named.id FROM users AS named WHERE named.name = ? \
             UNION SELECT user_id FROM user_krb_principals WHERE krb_principal = ?)",
            (text, text),
        ),
        UserRef::Parts { id, name, krb_principal } => Query::from("users")
            .filter_some("users.id = ?", *id)
            .filter_some("users.name = ?", name.as_ref())
            .filter_some(
                "users.id IN (SELECT user_id FROM user_krb_principals WHERE krb_principal = ?)",
                krb_principal.as_ref(),
            ),
    };
    query.order("users.id").limit(1).first(cx.db)
}

/// The user that is meant; an error if there is none.
pub fn get(cx: &mut Cx<'_>, who: &UserRef) -> Result<UserRow> {
    find(cx, who)?.ok_or_else(|| Error::generic(format!("No such user: {who}")))
}

/// Adds what was asked for beyond the row itself.
pub fn describe(cx: &mut Cx<'_>, user: UserRow, principals: bool, with_groups: bool) -> Result<UserInfo> {
    let krb_principals = if principals { Some(principal::list(cx, user.id)?) } else { None };
    let groups = if with_groups {
        Some(groups::of_user(cx, user.id)?.into_iter().map(|group| group.name).collect())
    } else {
        None
    };
    Ok(UserInfo { user, krb_principals, groups })
}

/// Who calls; None for an anonymous caller.
pub fn logged_in(cx: &mut Cx<'_>) -> Result<Option<Caller>> {
    let Some(authtype) = cx.actor.session.as_ref().map(|session| session.authtype) else { return Ok(None) };
    let user = get(cx, &UserRef::Me)?;
    let krb_principals = principal::list(cx, user.id)?;
    let krb_principal = krb_principals.first().cloned();
    Ok(Some(Caller { user, krb_principals, krb_principal, authtype }))
}
