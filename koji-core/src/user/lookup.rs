//! Finding users.

use crate::context::Cx;
use crate::db::lookup::Named;
use crate::db::{Lookup, Query};
use crate::{Error, Result};

/// A user by id, name or Kerberos principal.
pub fn find(cx: &mut Cx<'_>, user: &Lookup) -> Result<Option<Named>> {
    let query = Query::from("users");
    let query = match user {
        Lookup::Id(id) => query.filter("id = ?", *id),
        Lookup::Name(name) => query.filter(
            "name = ? OR id IN (SELECT user_id FROM user_krb_principals WHERE krb_principal = ?)",
            (name, name),
        ),
    };
    let row = query.order("id").select_first::<(i32, String)>(cx.db, "id, name")?;
    Ok(row.map(|(id, name)| Named { id, name }))
}

/// The same, and an error when there is none.
pub fn get(cx: &mut Cx<'_>, user: &Lookup) -> Result<Named> {
    find(cx, user)?.ok_or_else(|| Error::generic(format!("No such user: {user}")))
}
