//! Many entries of a package list at once: for copies of tags, where no policy is asked. Each has an event of its own.

use super::edit::{About, hook};
use super::listing::Listed;
use crate::Result;
use crate::context::Cx;
use crate::db::Bind;
use crate::db::lookup::Named;
use crate::db::versioned;
use crate::db::write::events;
use crate::tag::access::TagState;
use crate::wire::Value;

/// Puts entries into a tag's list, in place of those that it has itself for the same packages. `update` is what
/// plugins are told.
pub fn put(cx: &mut Cx<'_>, tag: &TagState, entries: &[Listed], update: bool) -> Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    tell(cx, "prePackageListChange", tag, entries, update)?;
    let now = cx.now();
    let events = events(cx.db, now, entries.len())?;
    let at_events = || entries.iter().zip(&events).map(|(entry, event)| (entry, *event));
    let ended: Vec<(i32, Vec<Bind>)> =
        at_events().map(|(entry, event)| (event, vec![entry.package_id.into()])).collect();
    for table in ["tag_packages", "tag_package_owners"] {
        versioned::revoke_apart(cx, table, tag.id, "package_id = ?", &ended)?;
    }
    let rows = at_events().map(|(entry, event)| {
        let arches = entry.extra_arches.as_deref().into();
        (event, vec![tag.id.into(), entry.package_id.into(), entry.blocked.into(), arches])
    });
    let columns = &["tag_id", "package_id", "blocked", "extra_arches"];
    versioned::create_apart(cx, "tag_packages", columns, rows.collect())?;
    let caller = cx.user_id()?;
    let owners = at_events().map(|(entry, event)| {
        let owner = Bind::from(entry.owner_id.unwrap_or(caller));
        (event, vec![tag.id.into(), entry.package_id.into(), owner])
    });
    versioned::create_apart(cx, "tag_package_owners", &["tag_id", "package_id", "owner"], owners.collect())?;
    tell(cx, "postPackageListChange", tag, entries, update)
}

fn tell(cx: &mut Cx<'_>, point: &str, tag: &TagState, entries: &[Listed], update: bool) -> Result<()> {
    for entry in entries {
        let action = match (update, entry.blocked) {
            (true, _) => "update",
            (false, true) => "block",
            (false, false) => "add",
        };
        let package = Named { id: entry.package_id, name: entry.package_name.to_string() };
        let more = vec![
            ("owner".to_owned(), Value::from(entry.owner_id)),
            ("block".to_owned(), entry.blocked.into()),
            ("extra_arches".to_owned(), entry.extra_arches.clone().into()),
            ("force".to_owned(), true.into()),
            ("update".to_owned(), update.into()),
        ];
        hook(cx, point, &About { tag, package: &package, action, more })?;
    }
    Ok(())
}
