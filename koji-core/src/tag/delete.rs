//! Deleting tags.

use super::get;
use crate::Result;
use crate::context::Cx;
use crate::db::{Lookup, versioned};

/// What ends with a tag: its configuration, which is what makes it deleted, and all that refers to it.
/// Its name, its id and its repos stay.
const ENDS: [(&str, &str); 13] = [
    ("tag_config", "tag_id = ?"),
    ("tag_extra", "tag_id = ?"),
    ("tag_inheritance", "tag_id = ?"),
    ("tag_inheritance", "parent_id = ?"),
    ("build_target_config", "build_tag = ?"),
    ("build_target_config", "dest_tag = ?"),
    ("tag_listing", "tag_id = ?"),
    ("tag_packages", "tag_id = ?"),
    ("tag_package_owners", "tag_id = ?"),
    ("tag_external_repos", "tag_id = ?"),
    ("group_config", "tag_id = ?"),
    ("group_req_listing", "tag_id = ?"),
    ("group_package_listing", "tag_id = ?"),
];

/// Deletes a tag.
pub fn delete(cx: &mut Cx<'_>, tag: &Lookup) -> Result<()> {
    let tag = get::get_row(cx, tag, None)?.id;
    for (table, condition) in ENDS {
        versioned::revoke(cx, table, condition, tag)?;
    }
    Ok(())
}
