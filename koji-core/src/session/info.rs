//! What is told about sessions. Never their keys.

use crate::context::Cx;
use crate::db::{Query, Time};
use crate::user::info::{self, UserRef};
use crate::wire::{self, Value};
use crate::{Error, Result};

crate::row! {
    /// A session.
    pub struct SessionRow {
        /// The user
        pub user_id: i32 = "sessions.user_id",
        /// Whether it must be renewed
        pub expired: bool = "sessions.expired",
        /// The session that it is a subsession of
        pub master: Option<i32> = "sessions.master",
        /// How it was logged in
        pub authtype: Option<i32> = "sessions.authtype",
        /// The number of the last call that changed something
        pub callnum: Option<i32> = "sessions.callnum",
        /// When it began
        pub start_time: Time = "sessions.start_time",
        /// The same in seconds since the epoch
        pub start_ts: f64 = "sessions.start_time",
        /// When it was last used
        pub update_time: Time = "sessions.update_time",
        /// The same in seconds since the epoch
        pub update_ts: f64 = "sessions.update_time",
        /// When it was renewed
        pub renew_time: Option<Time> = "sessions.renew_time",
        /// The same in seconds since the epoch
        pub renew_ts: Option<f64> = "sessions.renew_time",
        /// Whether its user may work in no other one
        pub exclusive: Option<bool> = "sessions.exclusive",
        /// The address it is bound to
        pub hostip: Option<String> = "sessions.hostip",
        /// Its id
        pub id: i32 = "sessions.id",
    }
}

/// What stands only in the details.
const DETAILS: [&str; 2] = ["hostip", "id"];

/// The present session, or all of a user that have not expired; null for an anonymous caller. Only admins see
/// those of others.
pub fn tell(cx: &mut Cx<'_>, details: bool, user: &UserRef) -> Result<Value> {
    let Some(session) = cx.actor.session.clone() else { return Ok(Value::Nil) };
    let shown = |row: &SessionRow| -> Result<Value> {
        let mut value = wire::to_value(row)?;
        if let (false, Value::Struct(members)) = (details, &mut value) {
            members.retain(|(name, _)| !DETAILS.contains(&name.as_str()));
        }
        Ok(value)
    };
    let of_user = match user {
        UserRef::Me | UserRef::Id(0) => None,
        UserRef::Text(text) if text.is_empty() => None,
        named => Some(info::get(cx, named)?.id),
    };
    let Some(user) = of_user else {
        let row = Query::from("sessions").filter("sessions.id = ?", session.id).first::<SessionRow>(cx.db)?;
        return row.map_or(Ok(Value::Nil), |row| shown(&row));
    };
    if user != session.user_id && !cx.has_perm("admin")? {
        return Err(Error::not_allowed("only admins or owners may see all active sessions"));
    }
    let rows = Query::from("sessions")
        .filter("sessions.expired = FALSE AND sessions.user_id = ?", user)
        .order("sessions.id")
        .load::<SessionRow>(cx.db)?;
    rows.iter().map(shown).collect::<Result<Vec<_>>>().map(Value::Array)
}

/// The present session in a line.
pub fn text(cx: &Cx<'_>) -> String {
    match &cx.actor.session {
        None if cx.env.config.flag("DisableURLSessions") => {
            "session: not logged in (no Koji-Session-* headers)".to_owned()
        }
        None => "session: not logged in (no session header or session args)".to_owned(),
        Some(session) => {
            let kind = if session.exclusive { ", exclusive" } else { "" };
            let master = session.master.map(|master| format!(", subsession of {master}")).unwrap_or_default();
            format!(
                "session {}: user {} ({}), authtype {}, address {}{kind}{master}",
                session.id, session.user_name, session.user_id, session.authtype, session.hostip
            )
        }
    }
}
