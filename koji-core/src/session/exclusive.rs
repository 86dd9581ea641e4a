//! The exclusive session: a user (a builder, mostly) who lets no other session of his work.

use super::login::close;
use crate::context::Cx;
use crate::db::{Bind, Query, Update};
use crate::{Error, Fault, Result};

/// Makes the present session exclusive; with `force` an earlier one is closed.
pub fn make(cx: &mut Cx<'_>, force: bool) -> Result<()> {
    let session = cx.actor.session.clone().ok_or_else(|| Error::auth("Not logged in"))?;
    if session.master.is_some() {
        return Err(Error::generic("subsessions cannot become exclusive"));
    }
    if session.exclusive {
        return Err(Error::generic("session is already exclusive"));
    }
    take(cx, session.id, session.user_id, force)
}

/// Takes the user's lock for a session. The row lock on the user keeps two sessions from doing it at once.
pub(super) fn take(cx: &mut Cx<'_>, session: i32, user: i32, force: bool) -> Result<()> {
    Query::from("users").filter("id = ?", user).for_update().select_first::<i32>(cx.db, "id")?;
    let holder = Query::from("sessions")
        .filter("user_id = ? AND closed = FALSE AND exclusive = TRUE", user)
        .select_first::<i32>(cx.db, "id")?;
    match holder {
        Some(holder) if force => close(cx, "id = ? AND id = ?", (holder, holder))?,
        Some(_) => return Err(Error::new(Fault::AuthLock, "Cannot get exclusive session")),
        None => {}
    }
    Update::table("sessions").set("exclusive", true).filter("id = ?", session).execute(cx.db).map(drop)
}

/// Ends the exclusiveness of the present session.
pub fn share(cx: &mut Cx<'_>) -> Result<()> {
    let session = cx.actor.session.clone().ok_or_else(|| Error::auth("Not logged in"))?;
    Update::table("sessions")
        .set("exclusive", Bind::Null)
        .filter("id = ?", session.id)
        .execute(cx.db)
        .map(drop)
}
