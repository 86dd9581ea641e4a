//! Kerberos principals of users. Which realms are allowed is the option `AllowedKrbRealms`.

use crate::context::Cx;
use crate::db::{Delete, Insert, Query};
use crate::{Error, Result};

/// The principals of a user, sorted.
pub fn list(cx: &mut Cx<'_>, user: i32) -> Result<Vec<String>> {
    Query::from("user_krb_principals")
        .filter("user_id = ?", user)
        .order("krb_principal")
        .select(cx.db, "krb_principal")
}

/// The user who has a principal.
pub fn owner(cx: &mut Cx<'_>, principal: &str) -> Result<Option<i32>> {
    Query::from("user_krb_principals").filter("krb_principal = ?", principal).select_first(cx.db, "user_id")
}

/// Gives a user a principal that nobody has, of a realm that is allowed.
pub fn add(cx: &mut Cx<'_>, user: i32, principal: &str) -> Result<()> {
    cx.env.config.name_limits()?.verify_user(None, Some(principal))?;
    refuse_taken(cx, principal)?;
    check_realm(cx.env.config.text("AllowedKrbRealms"), principal)?;
    insert(cx, user, principal)
}

/// Refuses a principal that somebody has.
pub fn refuse_taken(cx: &mut Cx<'_>, principal: &str) -> Result<()> {
    match owner(cx, principal)? {
        Some(_) => {
            Err(Error::generic(format!("user with this Kerberos principal already exists: {principal}")))
        }
        None => Ok(()),
    }
}

/// Gives a user a principal, unchecked: one that a login has proven.
pub fn insert(cx: &mut Cx<'_>, user: i32, principal: &str) -> Result<()> {
    Insert::into("user_krb_principals").set("user_id", user).set("krb_principal", principal).execute(cx.db)
}

/// Takes a principal away.
pub fn remove(cx: &mut Cx<'_>, user: i32, principal: &str) -> Result<()> {
    if principal.is_empty() {
        return Err(Error::generic("krb_principal must be specified"));
    }
    let removed = Delete::from("user_krb_principals")
        .filter("user_id = ? AND krb_principal = ?", (user, principal))
        .execute(cx.db)?;
    match removed {
        0 => Err(Error::auth(format!("user {user} has no Kerberos principal {principal}"))),
        _ => Ok(()),
    }
}

/// Refuses a principal of a realm that is not allowed; `*` allows all.
pub fn check_realm(allowed: &str, principal: &str) -> Result<()> {
    if allowed == "*" {
        return Ok(());
    }
    match principal.split_once('@') {
        Some((_, realm)) if !realm.is_empty() => {
            if allowed.split(',').any(|known| known.trim() == realm) {
                return Ok(());
            }
            Err(Error::auth(format!(
                "Kerberos principal's realm: {realm} is not allowed (see AllowedKrbRealms)"
            )))
        }
        _ => Err(Error::auth(format!("invalid Kerberos principal: {principal}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn realms() {
        for (allowed, principal, fine) in [
            ("*", "whatever", true),
            ("A.ORG, B.ORG", "x@B.ORG", true),
            ("A.ORG,B.ORG", "x@C.ORG", false),
            ("A.ORG", "x@", false),
            ("A.ORG", "x", false),
            ("", "x@A.ORG", false),
        ] {
            assert_eq!(check_realm(allowed, principal).is_ok(), fine, "{principal} of {allowed}");
        }
    }
}
