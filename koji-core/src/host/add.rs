//! A new host: with a user of its own to log in as, in the channel `default`.

use super::row::find;
use crate::context::Cx;
use crate::db::{Insert, Lookup, Query, Update, versioned};
use crate::user::principal;
use crate::{Error, Result, arch};

/// The kind of users that are people.
const PERSON: i32 = 0;
/// The kind of users that are hosts.
const HOST: i32 = 1;

/// A host to be.
#[derive(Clone, Debug)]
pub struct NewHost {
    /// Its name
    pub name: String,
    /// The arches it builds for
    pub arches: Vec<String>,
    /// Its Kerberos principal; without one the option `HostPrincipalFormat` gives it, if that is set.
    pub principal: Option<String>,
    /// Makes a user of this name a host, if he is a person.
    pub force: bool,
}

/// Adds a host; its id.
pub fn add(cx: &mut Cx<'_>, new: &NewHost) -> Result<i32> {
    cx.env.config.name_limits()?.verify_host(&new.name)?;
    let arches = arch::normalize(&new.arches.join(" "), arch::Separators::Strict)?;
    if find(cx, &Lookup::Name(new.name.clone()), None)?.is_some() {
        return Err(Error::generic(format!("host already exists: {}", new.name)));
    }
    let channel = crate::channel::get(cx, &"default".into())?.id;
    let user = user(cx, new)?;
    let host =
        Insert::into("host").set("user_id", user).set("name", &new.name).returning::<i32>(cx.db, "id")?;
    versioned::create(cx, Insert::into("host_config").set("host_id", host).set("arches", arches))?;
    versioned::create(cx, Insert::into("host_channels").set("host_id", host).set("channel_id", channel))?;
    Ok(host)
}

/// The user that the host logs in as: a builder that tried to log in before may have one, with this principal if
/// one is given.
fn user(cx: &mut Cx<'_>, new: &NewHost) -> Result<i32> {
    let given = new.principal.as_ref().filter(|principal| !principal.is_empty());
    let known = Query::from("users")
        .left_join("user_krb_principals ON user_krb_principals.user_id = users.id")
        .filter("users.name = ?", &new.name)
        .filter_some("user_krb_principals.krb_principal = ?", given)
        .order("users.id")
        .select_first::<(i32, i32)>(cx.db, "users.id, users.usertype")?;
    match known {
        None => create_user(cx, new),
        Some((id, HOST)) => Ok(id),
        Some((id, PERSON)) if new.force => {
            Update::table("users").set("usertype", HOST).filter("id = ?", id).execute(cx.db)?;
            Ok(id)
        }
        Some(_) => Err(Error::generic(format!("user {} already exists and it is not a host", new.name))),
    }
}

fn create_user(cx: &mut Cx<'_>, new: &NewHost) -> Result<i32> {
    let user = Insert::into("users")
        .set("name", &new.name)
        .set("usertype", HOST)
        .set("status", 0)
        .returning::<i32>(cx.db, "id")?;
    let usual = cx.env.config.find_text("HostPrincipalFormat").map(|format| format.replace("%s", &new.name));
    if let Some(principal) = new.principal.clone().or(usual) {
        principal::check_realm(cx.env.config.text("AllowedKrbRealms"), &principal)?;
        principal::insert(cx, user, &principal)?;
    }
    Ok(user)
}
