//! Who may act as which content generator.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::context::Cx;
use crate::db::lookup::{self, Named};
use crate::db::{Insert, Lookup, Query, versioned};
use crate::user::info::{self, UserRef};
use crate::{Error, Result};

/// A content generator with the users who may act as it.
#[derive(Clone, Debug, Serialize)]
pub struct Generator {
    id: i32,
    users: Vec<String>,
}

/// The content generators that have users, by name.
pub fn list(cx: &mut Cx<'_>) -> Result<BTreeMap<String, Generator>> {
    let rows = Query::from("cg_users")
        .join("content_generator ON content_generator.id = cg_users.cg_id")
        .join("users ON users.id = cg_users.user_id")
        .at("cg_users", None)
        .order("users.name")
        .select::<(i32, String, String)>(cx.db, "content_generator.id, content_generator.name, users.name")?;
    let mut generators = BTreeMap::new();
    for (id, name, user) in rows {
        generators.entry(name).or_insert_with(|| Generator { id, users: Vec::new() }).users.push(user);
    }
    Ok(generators)
}

/// Lets a user act as a content generator, which is made with `create` if there is none of that name.
pub fn grant(cx: &mut Cx<'_>, user: &UserRef, cg: &Lookup, create: bool) -> Result<()> {
    let user = info::get(cx, user)?;
    let cg = match (lookup::find(cx, TABLE, cg)?, cg) {
        (Some(found), _) => found,
        (None, Lookup::Name(name)) if create => {
            let id = Insert::into(TABLE).set("name", name).returning(cx.db, "id")?;
            Named { id, name: name.clone() }
        }
        (None, unknown) => return Err(missing(unknown)),
    };
    if may(cx, user.id, cg.id)? {
        return Err(Error::generic(format!("User already has access to content generator {}", cg.name)));
    }
    versioned::create(cx, Insert::into("cg_users").set("cg_id", cg.id).set("user_id", user.id))
}

/// Lets a user no longer act as a content generator; one who may not anyway is no error.
pub fn revoke(cx: &mut Cx<'_>, user: &UserRef, cg: &Lookup) -> Result<()> {
    let user = info::get(cx, user)?;
    let cg = lookup::find(cx, TABLE, cg)?.ok_or_else(|| missing(cg))?;
    versioned::revoke(cx, "cg_users", "user_id = ? AND cg_id = ?", (user.id, cg.id)).map(drop)
}

/// The content generator, as which the caller must be allowed to act.
pub fn require(cx: &mut Cx<'_>, cg: &Lookup) -> Result<Named> {
    let cg = lookup::find(cx, TABLE, cg)?.ok_or_else(|| missing(cg))?;
    let user = cx.actor.session.as_ref().map(|session| session.user_id);
    let user = user.ok_or_else(|| Error::auth("Not logged-in"))?;
    match may(cx, user, cg.id)? {
        true => Ok(cg),
        false => Err(Error::auth(format!("Content generator access required ({})", cg.name))),
    }
}

const TABLE: &str = "content_generator";

fn missing(cg: &Lookup) -> Error {
    Error::generic(format!("No such content generator: {cg}"))
}

fn may(cx: &mut Cx<'_>, user: i32, cg: i32) -> Result<bool> {
    Query::from("cg_users").filter("active = TRUE AND user_id = ? AND cg_id = ?", (user, cg)).exists(cx.db)
}
