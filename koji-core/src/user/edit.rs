//! Making users, renaming them, letting them log in or not.

use std::collections::BTreeSet;

use super::info::{self, UserRef, UserRow};
use super::principal;
use super::setup::usertype;
use crate::context::Cx;
use crate::db::{Delete, Insert, Query, Update};
use crate::wire::Value;
use crate::{Error, Result};

/// What `users.status` holds.
pub mod status {
    /// May log in
    pub const NORMAL: i32 = 0;
    /// May not
    pub const BLOCKED: i32 = 1;
}

/// A change of a principal: an old one goes, a new one comes, or both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrincipalChange {
    /// What goes
    pub old: Option<String>,
    /// What comes
    pub new: Option<String>,
}

/// Makes a user; its id.
pub fn create(cx: &mut Cx<'_>, name: &str, status: &Value, krb_principal: Option<&str>) -> Result<i32> {
    cx.env.config.name_limits()?.verify_user(Some(name), krb_principal)?;
    refuse_known(cx, name, "user")?;
    let krb_principal = krb_principal.filter(|principal| !principal.is_empty());
    if let Some(principal) = krb_principal {
        principal::refuse_taken(cx, principal)?;
    }
    let status = match status {
        Value::Nil | Value::Int(0) => status::NORMAL,
        Value::Int(1) => status::BLOCKED,
        other => {
            return Err(Error::generic(format!("invalid status: {other:?} (0 is normal, 1 blocked)")));
        }
    };
    if let Some(principal) = krb_principal {
        principal::check_realm(cx.env.config.text("AllowedKrbRealms"), principal)?;
    }
    let id = insert(cx, name, usertype::NORMAL, status)?;
    if let Some(principal) = krb_principal {
        principal::insert(cx, id, principal)?;
    }
    Ok(id)
}

/// Refuses a name that a user, or a group, has as name or principal.
pub(super) fn refuse_known(cx: &mut Cx<'_>, name: &str, what: &str) -> Result<()> {
    match info::find(cx, &UserRef::Text(name.to_owned()))? {
        Some(_) => Err(Error::generic(format!("{what} already exists: {name}"))),
        None => Ok(()),
    }
}

/// Makes a user of a kind, whose name has been checked.
pub(crate) fn insert(cx: &mut Cx<'_>, name: &str, usertype: i32, status: i32) -> Result<i32> {
    if name.is_empty() {
        return Err(Error::generic("a user must have a non-empty name"));
    }
    Insert::into("users")
        .set("name", name)
        .set("usertype", usertype)
        .set("status", status)
        .returning(cx.db, "id")
}

/// Renames a user and changes its principals.
pub fn edit(cx: &mut Cx<'_>, who: &UserRef, name: Option<&str>, changes: &[PrincipalChange]) -> Result<()> {
    let user = info::get(cx, who)?;
    if let Some(name) = name.filter(|name| !name.is_empty() && *name != user.name) {
        rename(cx, user.id, name)?;
    }
    if changes.is_empty() {
        return Ok(());
    }
    change_principals(cx, user.id, changes)
}

fn rename(cx: &mut Cx<'_>, user: i32, name: &str) -> Result<()> {
    cx.env.config.name_limits()?.verify_user(Some(name), None)?;
    let holder: Option<i32> = Query::from("users").filter("name = ?", name).select_first(cx.db, "id")?;
    if let Some(holder) = holder {
        return Err(Error::generic(format!("Name {name} already taken by user {holder}")));
    }
    Update::table("users").set("name", name).filter("id = ?", user).execute(cx.db).map(drop)
}

fn change_principals(cx: &mut Cx<'_>, user: i32, changes: &[PrincipalChange]) -> Result<()> {
    let (added, removed) = plan(&principal::list(cx, user)?, changes)?;
    let limits = cx.env.config.name_limits()?;
    for principal in &added {
        limits.verify_user(None, Some(principal))?;
        principal::check_realm(cx.env.config.text("AllowedKrbRealms"), principal)?;
    }
    let taken: Vec<String> = Query::from("user_krb_principals")
        .filter("krb_principal IN ?", &added)
        .order("krb_principal")
        .select(cx.db, "krb_principal")?;
    if !taken.is_empty() {
        // Koji leaves this to the database
        return Err(Error::unforeseen(format!("Kerberos principals of other users: {}", taken.join(", "))));
    }
    if !removed.is_empty() {
        Delete::from("user_krb_principals")
            .filter("user_id = ?", user)
            .filter("krb_principal IN ?", &removed)
            .execute(cx.db)?;
    }
    let rows = added.into_iter().map(|principal| vec![user.into(), principal.into()]).collect();
    Insert::many(cx.db, "user_krb_principals", &["user_id", "krb_principal"], rows)
}

/// What comes and what goes; conflicts among the changes and with what there is are refused.
fn plan(current: &[String], changes: &[PrincipalChange]) -> Result<(Vec<String>, Vec<String>)> {
    let set = |part: fn(&PrincipalChange) -> &Option<String>| -> BTreeSet<String> {
        changes.iter().filter_map(|change| part(change).clone()).filter(|text| !text.is_empty()).collect()
    };
    let (added, removed) = (set(|change| &change.new), set(|change| &change.old));
    let current: BTreeSet<String> = current.iter().cloned().collect();
    let refuse = |wrong: Vec<&String>, what: &str| match wrong.is_empty() {
        true => Ok(()),
        false => {
            let list: Vec<&str> = wrong.into_iter().map(String::as_str).collect();
            Err(Error::generic(format!("{what}: {}", list.join(", "))))
        }
    };
    refuse(added.intersection(&removed).collect(), "Kerberos principals that are both added and removed")?;
    refuse(added.intersection(&current).collect(), "Cannot add existing Kerberos principals")?;
    refuse(removed.difference(&current).collect(), "Cannot remove non-existent Kerberos principals")?;
    Ok((added.into_iter().collect(), removed.into_iter().collect()))
}

/// Lets a user log in (`status::NORMAL`) or not (`status::BLOCKED`).
pub fn set_status(cx: &mut Cx<'_>, user: &UserRow, status: i32) -> Result<()> {
    if user.status == status {
        return Ok(());
    }
    Update::table("users").set("status", status).filter("id = ?", user.id).execute(cx.db).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(old: &str, new: &str) -> PrincipalChange {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        PrincipalChange { old: text(old), new: text(new) }
    }

    #[test]
    fn principals_come_and_go() {
        let current = ["a@X".to_owned(), "b@X".to_owned()];
        let (added, removed) = plan(&current, &[change("a@X", "c@X"), change("", "d@X")]).unwrap();
        assert_eq!((added, removed), (vec!["c@X".to_owned(), "d@X".to_owned()], vec!["a@X".to_owned()]));
        for wrong in [change("a@X", "a@X"), change("", "b@X"), change("z@X", "")] {
            assert!(plan(&current, &[wrong]).is_err());
        }
    }
}
