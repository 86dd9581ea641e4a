//! Who is to get a mail about a build: whoever wants it, the build's owner and the package's owner in the tag,
//! less those who do not want it. Only people and groups that are not disabled.

use std::collections::HashSet;

use super::subscription::address;
use crate::Result;
use crate::build::BuildRow;
use crate::context::Cx;
use crate::db::{Lookup, Query};
use crate::package::listing;
use crate::user::setup::usertype;

/// The addresses, each once.
pub fn of(cx: &mut Cx<'_>, build: &BuildRow, tag: Option<i32>, success: bool) -> Result<Vec<String>> {
    let about = |query: Query| {
        let query = query.filter("package_id = ? OR package_id IS NULL", build.package_id);
        match tag {
            Some(tag) => query.filter("tag_id = ? OR tag_id IS NULL", tag),
            None => query.filter("tag_id IS NULL", ()),
        }
    };
    let mut wish = about(Query::from("build_notifications"))
        .join("users ON users.id = build_notifications.user_id")
        .filter("users.status = 0", ())
        .filter("users.usertype IN ?", vec![usertype::NORMAL, usertype::GROUP]);
    if !success {
        wish = wish.filter("success_only = FALSE", ());
    }
    let mut recipients: Vec<(i32, String)> =
        wish.order("build_notifications.id").select(cx.db, "build_notifications.user_id, email")?;
    if !success || cx.env.config.flag("NotifyOnSuccess") {
        recipients.push((build.owner_id, address(cx, &build.owner_name)));
        if let Some(tag) = tag {
            recipients.extend(package_owner(cx, tag, build.package_id)?);
        }
    }
    let users: Vec<i32> = recipients.iter().map(|(user, _)| *user).collect();
    let unwilling: HashSet<i32> = about(Query::from("build_notifications_block"))
        .filter("user_id IN ?", users)
        .select::<i32>(cx.db, "user_id")?
        .into_iter()
        .collect();
    let mut seen = HashSet::new();
    recipients.retain(|(user, email)| !unwilling.contains(user) && seen.insert(email.clone()));
    Ok(recipients.into_iter().map(|(_, email)| email).collect())
}

/// Who owns the package in the tag, if it is not blocked there.
fn package_owner(cx: &mut Cx<'_>, tag: i32, package: i32) -> Result<Option<(i32, String)>> {
    let entry = listing::find(cx, tag, package)?.filter(|entry| !entry.blocked);
    let Some(owner) = entry.and_then(|entry| entry.owner_id) else { return Ok(None) };
    let name: Option<String> = Lookup::from(owner)
        .condition(Query::from("users"), "users")
        .filter("status = 0 AND usertype = ?", usertype::NORMAL)
        .select_first(cx.db, "name")?;
    Ok(name.map(|name| (owner, address(cx, &name))))
}
