//! Logging in by what a trusted proxy has verified: a client certificate, or a Kerberos principal.
//!
//! Which proxies are trusted is the transport's matter; here stands who may log in other users by them
//! (`ProxyDNs`, `ProxyPrincipals`), and who is made a user by logging in (`LoginCreatesUser`).

use super::login::{self, NewSession, Wish, authtype};
use crate::context::Cx;
use crate::db::Query;
use crate::user::edit::{self, status};
use crate::user::principal;
use crate::user::setup::usertype;
use crate::{Error, Result};

/// Another user, whom a client that may do so logs in.
#[derive(Clone, Debug, Default)]
pub struct Behalf {
    /// The name or Kerberos principal
    pub user: Option<String>,
    /// How the other one has logged in at the client, if not in the same way
    pub authtype: Option<i64>,
}

/// Who has been proven, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Proven {
    /// The name or principal
    user: String,
    /// What `ProxyDNs` or `ProxyPrincipals` names it by
    known_as: String,
    authtype: i32,
}

/// Logs in the user that is proven, or the one on whose behalf it acts.
pub fn log_in(cx: &mut Cx<'_>, behalf: &Behalf, wish: &Wish) -> Result<Option<NewSession>> {
    login::refuse_twice(cx)?;
    let mut proven = proven(cx)?;
    if let Some(user) = &behalf.user {
        proven = act_for(cx, proven, user, behalf.authtype)?;
    }
    let user = find_or_make(cx, &proven)?;
    login::open(cx, user, proven.authtype, wish)
}

/// The id of the user that is proven, without a session.
pub(super) fn identify(cx: &mut Cx<'_>) -> Result<i32> {
    let proven = proven(cx)?;
    find_or_make(cx, &proven)
}

fn proven(cx: &Cx<'_>) -> Result<Proven> {
    let said = &cx.actor.proxied;
    if let Some(principal) = said.principal.as_ref().filter(|principal| !principal.is_empty()) {
        let (user, known_as) = (principal.clone(), principal.clone());
        return Ok(Proven { user, known_as, authtype: authtype::GSSAPI });
    }
    let Some(subject) = &said.certificate_subject else {
        return Err(Error::auth("could not verify client: no client certificate and no Kerberos principal"));
    };
    let user = said.certificate_user.as_ref().filter(|user| !user.is_empty()).ok_or_else(|| {
        let component = cx.env.config.text("DNUsernameComponent");
        Error::auth(format!("unable to get user information ({component}) from client certificate"))
    })?;
    Ok(Proven { user: user.clone(), known_as: subject.clone(), authtype: authtype::SSL })
}

/// The other user, if the one that is proven may log in others.
fn act_for(cx: &Cx<'_>, proven: Proven, user: &str, authtype: Option<i64>) -> Result<Proven> {
    let config = &cx.env.config;
    let trusted = match proven.authtype {
        authtype::GSSAPI => is_listed(config.text("ProxyPrincipals"), ',', &proven.known_as),
        _ => is_listed(config.text("ProxyDNs"), '|', &proven.known_as),
    };
    if !trusted {
        return Err(Error::auth(format!("{} is not authorized to login other users", proven.known_as)));
    }
    let authtype = match authtype {
        None => proven.authtype,
        Some(other) if other != i64::from(proven.authtype) && !config.flag("AllowProxyAuthType") => {
            return Err(Error::auth(
                "Proxy must use same auth mechanism as hub (the hub's option AllowProxyAuthType allows others)",
            ));
        }
        Some(2) => authtype::SSL,
        Some(3) => authtype::GSSAPI,
        Some(other) => {
            return Err(Error::auth(format!("Proxied authtype {other} is not valid for sslLogin")));
        }
    };
    Ok(Proven { user: user.to_owned(), authtype, ..proven })
}

/// Whether a name is in a list with a separator. An empty list holds nobody.
fn is_listed(list: &str, separator: char, name: &str) -> bool {
    !name.is_empty() && list.split(separator).any(|known| known.trim() == name)
}

/// The id of the user that is proven, who must be allowed to log in.
fn find_or_make(cx: &mut Cx<'_>, proven: &Proven) -> Result<i32> {
    let by_principal = proven.authtype == authtype::GSSAPI && proven.user.contains('@');
    let query = if by_principal {
        principal::check_realm(cx.env.config.text("AllowedKrbRealms"), &proven.user)?;
        Query::from("users")
            .filter("id IN (SELECT user_id FROM user_krb_principals WHERE krb_principal = ?)", &proven.user)
    } else {
        Query::from("users").filter("name = ?", &proven.user)
    };
    match query.select_first::<(i32, String, i32)>(cx.db, "id, name, status")? {
        Some((id, _, status::NORMAL)) => Ok(id),
        Some((_, name, _)) => Err(not_allowed(&name)),
        None if !cx.env.config.flag("LoginCreatesUser") => {
            Err(Error::auth(format!("Unknown user: {}", proven.user)))
        }
        None if by_principal => make_by_principal(cx, &proven.user),
        None => edit::insert(cx, &proven.user, usertype::NORMAL, status::NORMAL),
    }
}

/// The user of that name gets the principal, or is made.
fn make_by_principal(cx: &mut Cx<'_>, principal: &str) -> Result<i32> {
    let name = principal.split('@').next().unwrap_or_default();
    let known =
        Query::from("users").filter("name = ?", name).select_first::<(i32, i32)>(cx.db, "id, status")?;
    let user = match known {
        Some((user, status::NORMAL)) => user,
        Some(_) => return Err(not_allowed(name)),
        None => edit::insert(cx, name, usertype::NORMAL, status::NORMAL)?,
    };
    principal::insert(cx, user, principal)?;
    Ok(user)
}

fn not_allowed(name: &str) -> Error {
    Error::auth(format!("logins by {name} are not allowed"))
}

#[cfg(test)]
mod tests {
    use super::is_listed;

    #[test]
    fn nobody_is_in_an_empty_list() {
        assert!(is_listed("a@X, b@X", ',', "b@X"));
        assert!(is_listed("/CN=web,O=x|/CN=other", '|', "/CN=web,O=x"));
        assert!(!is_listed("", ',', "") && !is_listed("a@X", ',', "a@X.ORG"));
    }
}
