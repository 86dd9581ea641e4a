//! Logging in and out.

use serde::Serialize;

use super::{key, password};
use crate::context::Cx;
use crate::db::{Bind, Insert, Query, Update};
use crate::{Error, Result};

/// How a session was logged in.
pub mod authtype {
    /// Name and password
    pub const NORMAL: i32 = 0;
    /// A client certificate
    pub const SSL: i32 = 2;
    /// Kerberos
    pub const GSSAPI: i32 = 3;
}

/// A new session, as its client is told.
#[derive(Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct NewSession {
    session_id: i32,
    session_key: String,
    header_auth: bool,
}

/// A new session to be made.
struct Opening {
    user_id: i32,
    hostip: String,
    authtype: i32,
    master: Option<i32>,
}

/// How a login is wanted.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// Give the present session, which has expired, a new key.
    pub renew: bool,
    /// Make the session the exclusive one of its user.
    pub exclusive: bool,
    /// The address to bind the session to, in place of the client's.
    pub hostip: Option<String>,
}

/// Logs in by name and password.
pub fn by_password(cx: &mut Cx<'_>, user: &str, secret: &str, wish: &Wish) -> Result<Option<NewSession>> {
    // an empty password is wrong whoever asks
    if !secret.is_empty() {
        refuse_twice(cx)?;
    }
    let user_id = prove(cx, user, secret)?;
    open(cx, user_id, authtype::NORMAL, wish)
}

fn wrong_password() -> Error {
    Error::auth("invalid username or password")
}

/// The id of the user who has this name and password, and may log in.
pub(super) fn prove(cx: &mut Cx<'_>, user: &str, secret: &str) -> Result<i32> {
    if secret.is_empty() {
        return Err(wrong_password());
    }
    let found = Query::from("users")
        .filter("name = ? AND password IS NOT NULL", user)
        .select_first::<(i32, String, i32)>(cx.db, "id, password, status")?;
    let (user_id, stored, status) = found.ok_or_else(wrong_password)?;
    if !password::matches(secret, &stored)? {
        return Err(wrong_password());
    }
    if status != 0 {
        return Err(Error::auth(format!("logins by {user} are not allowed")));
    }
    Ok(user_id)
}

/// Refuses a login in a session that is alive. One that has expired may be renewed, or left for another.
pub(super) fn refuse_twice(cx: &Cx<'_>) -> Result<()> {
    if cx.actor.session.as_ref().is_some_and(|session| !session.is_expired) {
        return Err(Error::auth("Already logged in"));
    }
    Ok(())
}

/// Opens a session for a user whose identity is proven.
pub(super) fn open(cx: &mut Cx<'_>, user_id: i32, authtype: i32, wish: &Wish) -> Result<Option<NewSession>> {
    let hostip = client_address(cx, wish.hostip.as_deref());
    if let (true, Some(session)) = (wish.renew, cx.actor.session.clone()) {
        if session.user_id != user_id {
            return Err(Error::auth(format!("session {} is of another user", session.id)));
        }
        let renewed = renew(cx, session.id, session.master, user_id)?;
        if renewed.is_some() && wish.exclusive && !session.exclusive {
            super::exclusive::take(cx, session.id, user_id, false)?;
        }
        return Ok(renewed);
    }
    let new = insert(cx, Opening { user_id, hostip, authtype, master: None })?;
    if wish.exclusive {
        super::exclusive::take(cx, new.session_id, user_id, false)?;
    }
    Ok(Some(new))
}

fn client_address(cx: &Cx<'_>, wanted: Option<&str>) -> String {
    match (cx.env.config.flag("CheckClientIP"), wanted) {
        (false, _) => "-".to_owned(),
        (true, Some(wanted)) => wanted.to_owned(),
        (true, None) => cx.actor.address.clone(),
    }
}

fn insert(cx: &mut Cx<'_>, opening: Opening) -> Result<NewSession> {
    let key = key::new_key(opening.user_id)?;
    let id = Insert::into("sessions")
        .set("user_id", opening.user_id)
        .set("key", &key)
        .set("hostip", opening.hostip)
        .set("authtype", opening.authtype)
        .set("master", opening.master)
        .set("start_time", cx.now())
        .set("update_time", cx.now())
        .returning::<i32>(cx.db, "id")?;
    Ok(NewSession { session_id: id, session_key: key, header_auth: true })
}

/// Gives a session a new key; none if its master has been closed meanwhile.
fn renew(cx: &mut Cx<'_>, id: i32, master: Option<i32>, user_id: i32) -> Result<Option<NewSession>> {
    if let Some(master) = master
        && !Query::from("sessions").filter("id = ? AND closed = FALSE", master).exists(cx.db)?
    {
        return Ok(None);
    }
    let key = key::new_key(user_id)?;
    Update::table("sessions")
        .set("key", &key)
        .set("expired", false)
        .set("update_time", cx.now())
        .set("renew_time", cx.now())
        .filter("id = ?", id)
        .execute(cx.db)?;
    Ok(Some(NewSession { session_id: id, session_key: key, header_auth: true }))
}

/// A session of the same user beside the present one, for another thread or process.
pub fn subsession(cx: &mut Cx<'_>) -> Result<NewSession> {
    let session = cx.actor.session.clone().ok_or_else(not_logged_in)?;
    let master = Some(session.master.unwrap_or(session.id));
    let opening =
        Opening { user_id: session.user_id, hostip: session.hostip, authtype: session.authtype, master };
    insert(cx, opening)
}

/// Closes the present session, or another one of the same user (any one, for an admin), with its subsessions.
pub fn logout(cx: &mut Cx<'_>, other: Option<i32>) -> Result<()> {
    let other = other.filter(|id| *id != 0);
    let session = cx.actor.session.clone().ok_or_else(not_logged_in)?;
    if let Some(other) = other {
        let own = Query::from("sessions").filter("id = ? AND user_id = ?", (other, session.user_id));
        if !cx.has_perm("admin")? && !own.exists(cx.db)? {
            return Err(Error::generic("only admins or owner may logout other session"));
        }
    }
    let id = other.unwrap_or(session.id);
    close(cx, "id = ? OR master = ?", (id, id))?;
    if other.is_none() {
        // what else the same call asks for is asked by nobody
        cx.leave();
    }
    Ok(())
}

/// Closes a subsession of the present session.
pub fn logout_child(cx: &mut Cx<'_>, child: i32) -> Result<()> {
    let session = cx.actor.session.clone().ok_or_else(not_logged_in)?;
    close(cx, "id = ? AND master = ?", (child, session.id))
}

/// Closes sessions.
pub(super) fn close(cx: &mut Cx<'_>, condition: &str, ids: (i32, i32)) -> Result<()> {
    Update::table("sessions")
        .set("expired", true)
        .set("exclusive", Bind::Null)
        .set("closed", true)
        .filter(condition, ids)
        .execute(cx.db)
        .map(drop)
}

fn not_logged_in() -> Error {
    Error::auth("Not logged in")
}
