//! Whether a session is who it claims to be, and what its use leaves behind.

use super::{Credentials, Session, same_key};
use crate::api::Mode;
use crate::config::HubConfig;
use crate::context::Cx;
use crate::db::{Bind, Conn, Query, Time, Update};
use crate::{Error, Fault, Result, row};

/// Methods that a client may send again although they were committed (Koji's retry rule).
const MAY_RETRY: [&str; 8] = [
    "host.taskWait",
    "host.taskUnwait",
    "host.taskSetWait",
    "host.updateHost",
    "host.setBuildRootState",
    "repoExpire",
    "repoDelete",
    "repoProblem",
];

/// Methods that an expired session may call, to be renewed.
const LOGINS: [&str; 2] = ["login", "sslLogin"];

/// Methods that a session may call while another one of its user is exclusive.
const DESPITE_LOCK: [&str; 3] = ["exclusiveSession", "login", "logout"];

/// The time of use in the database may lag behind by this much; so reading calls need not write.
const STALE_S: f64 = 60.0;

/// The status of a user who may not log in.
const BLOCKED: i32 = 1;

/// What a call says of its session.
pub struct Request<'a> {
    /// What the client claims
    pub credentials: &'a Credentials,
    /// The client's address
    pub address: &'a str,
    /// The method called
    pub method: &'a str,
    /// Whether the call will write
    pub mode: Mode,
    /// The time now
    pub now: Time,
}

row! {
    struct Stored {
        key: Option<String> = "sessions.key",
        hostip: Option<String> = "sessions.hostip",
        master: Option<i32> = "sessions.master",
        authtype: Option<i32> = "sessions.authtype",
        callnum: Option<i32> = "sessions.callnum",
        exclusive: Option<bool> = "sessions.exclusive",
        expired: bool = "sessions.expired",
        start_time: Time = "sessions.start_time",
        update_time: Time = "sessions.update_time",
        renew_time: Option<Time> = "sessions.renew_time",
        user_id: i32 = "sessions.user_id",
        user_name: String = "users.name",
        user_status: i32 = "users.status",
        user_type: i32 = "users.usertype",
        holder: Option<i32> = "(SELECT min(other.id) FROM sessions AS other WHERE other.user_id = sessions.user_id \
            AND other.exclusive = TRUE AND other.closed = FALSE)",
    }
}

/// Finds the session of a call and checks it: key, address, expiry, call number, user, exclusiveness.
pub fn validate(conn: &mut Conn, config: &HubConfig, request: &Request<'_>) -> Result<Session> {
    let Request { credentials, method, .. } = *request;
    let address = if config.flag("CheckClientIP") { request.address } else { "-" };
    let stored = Query::from("sessions")
        .join("users ON users.id = sessions.user_id")
        .filter("sessions.id = ?", credentials.id)
        .filter("sessions.closed = FALSE", ())
        .first::<Stored>(conn)?
        .filter(|stored| {
            let bound = stored.hostip.as_deref().unwrap_or("-");
            stored.key.as_deref().is_some_and(|key| same_key(key, &credentials.key)) && bound == address
        })
        .ok_or_else(|| Error::auth("Invalid session or bad credentials"))?;
    let expired = is_expired(&stored, config, request.now);
    if expired && !LOGINS.contains(&method) {
        return Err(Error::new(Fault::AuthExpired, format!("session \"{}\" has expired", credentials.id)));
    }
    check_callnum(stored.callnum, credentials, method)?;
    // of an expired session nothing is used but that it may be renewed, which a login decides
    if !expired && stored.user_status == BLOCKED {
        return Err(Error::auth(format!("logins by {} are not allowed", stored.user_name)));
    }
    let exclusive =
        stored.exclusive == Some(true) || (stored.holder.is_some() && stored.holder == stored.master);
    if !expired && !exclusive && stored.holder.is_some() && !DESPITE_LOCK.contains(&method) {
        return Err(Error::new(Fault::AuthLock, "User locked by another session"));
    }
    Ok(Session {
        id: credentials.id,
        master: stored.master,
        user_id: stored.user_id,
        user_name: stored.user_name,
        user_type: stored.user_type,
        authtype: stored.authtype.unwrap_or_default(),
        hostip: stored.hostip.unwrap_or_default(),
        exclusive,
        is_expired: expired,
        is_stale: request.mode == Mode::Read && request.now.0 - stored.update_time.0 > STALE_S,
    })
}

fn is_expired(stored: &Stored, config: &HubConfig, now: Time) -> bool {
    let renewal_min = config.int("SessionRenewalTimeout");
    let since = stored.renew_time.unwrap_or(stored.start_time);
    stored.expired || (renewal_min != 0 && now.0 > since.0 + renewal_min as f64 * 60.0)
}

/// A number below the last one is out of order; the last one again is a retry of a call that was committed.
fn check_callnum(last: Option<i32>, credentials: &Credentials, method: &str) -> Result<()> {
    let (Some(last), Some(callnum)) = (last, credentials.callnum) else { return Ok(()) };
    if last > callnum {
        let message = format!("{last} > {callnum} (session {})", credentials.id);
        return Err(Error::new(Fault::Sequence, message));
    }
    if last == callnum && !MAY_RETRY.contains(&method) {
        let message =
            format!("unable to retry call {callnum} (method {method}) for session {}", credentials.id);
        return Err(Error::new(Fault::Retry, message));
    }
    Ok(())
}

/// Refuses everyone but admins while the hub is closed for maintenance (`LockOut`).
pub fn lockout(cx: &mut Cx<'_>, method: &str) -> Result<()> {
    let open = !cx.env.config.flag("LockOut") || LOGINS.contains(&method) || method == "logout";
    if open || cx.has_perm("admin")? {
        return Ok(());
    }
    Err(Error::new(Fault::Offline, "Server disabled for maintenance"))
}

/// Keeps the number of a call that is about to be committed, and that the session was used.
pub fn committed(cx: &mut Cx<'_>, credentials: Option<&Credentials>) -> Result<()> {
    let Some(credentials) = credentials else { return Ok(()) };
    let mut update = Update::table("sessions").set("update_time", cx.now());
    if let Some(callnum) = credentials.callnum {
        update = update.set("callnum", callnum);
    }
    update.filter("id = ?", credentials.id).execute(cx.db).map(drop)
}

/// Notes the use of a session, or that it and its subsessions have expired.
pub fn note(conn: &mut Conn, session: i32, now: Time, expired: bool) -> Result<()> {
    let update = match expired {
        true => Update::table("sessions")
            .set("expired", Bind::Bool(true))
            .filter("id = ? OR master = ?", (session, session)),
        false => Update::table("sessions").set("update_time", now).filter("id = ?", session),
    };
    update.execute(conn).map(drop)
}
