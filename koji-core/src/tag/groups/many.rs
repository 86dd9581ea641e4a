//! Many entries of groups at once: for copies of tags. One statement ends, one makes the entries of a kind.

use super::rows::{GroupRow, PackageRow, ReqRow};
use crate::Result;
use crate::context::Cx;
use crate::db::lookup::Named;
use crate::db::versioned;

/// Entries of one tag.
#[derive(Clone, Debug, Default)]
pub struct Entries {
    /// Groups
    pub groups: Vec<GroupRow>,
    /// Packages of groups
    pub packages: Vec<PackageRow>,
    /// Groups that groups require
    pub reqs: Vec<ReqRow>,
}

/// A group with the fields of a new one.
pub fn new_group(tag: i32, group: &Named, blocked: bool) -> GroupRow {
    GroupRow {
        name: group.name.clone(),
        group_id: group.id,
        tag_id: tag,
        blocked,
        exported: Some(true),
        display_name: group.name.clone(),
        is_default: None,
        uservisible: Some(true),
        description: None,
        langonly: None,
        biarchonly: Some(false),
    }
}

/// A package with the fields of a new one.
pub fn new_package(tag: i32, group: i32, package: &str, blocked: bool) -> PackageRow {
    PackageRow {
        group_id: group,
        tag_id: tag,
        package: package.to_owned(),
        blocked,
        r#type: "mandatory".to_owned(),
        basearchonly: None,
        requires: None,
    }
}

/// A requirement with the fields of a new one.
pub fn new_req(tag: i32, group: i32, (req_id, name): (i32, &str), blocked: bool) -> ReqRow {
    ReqRow {
        group_id: group,
        tag_id: tag,
        req_id,
        blocked,
        r#type: Some("mandatory".to_owned()),
        is_metapkg: false,
        name: name.to_owned(),
    }
}

/// Takes a tag's own entries of these groups, packages and requirements away.
pub fn take(cx: &mut Cx<'_>, tag: i32, entries: &Entries) -> Result<()> {
    let groups: Vec<i32> = entries.groups.iter().map(|row| row.group_id).collect();
    if !groups.is_empty() {
        versioned::revoke(cx, "group_config", "tag_id = ? AND group_id IN ?", (tag, groups))?;
    }
    // the members of a group by their group and name, which no id holds
    let member = |group: i32, name: &str| format!("{group}:{name}");
    let (groups, packages): (Vec<i32>, Vec<String>) =
        entries.packages.iter().map(|row| (row.group_id, member(row.group_id, &row.package))).unzip();
    if !groups.is_empty() {
        let condition = "tag_id = ? AND group_id IN ? AND CAST(group_id AS text) || ':' || package IN ?";
        versioned::revoke(cx, "group_package_listing", condition, (tag, groups, packages))?;
    }
    let (groups, reqs): (Vec<i32>, Vec<String>) =
        entries.reqs.iter().map(|row| (row.group_id, member(row.group_id, &row.req_id.to_string()))).unzip();
    if !groups.is_empty() {
        let condition =
            "tag_id = ? AND group_id IN ? AND CAST(group_id AS text) || ':' || CAST(req_id AS text) IN ?";
        versioned::revoke(cx, "group_req_listing", condition, (tag, groups, reqs))?;
    }
    Ok(())
}

/// Puts entries into a tag, in place of those that it has itself.
pub fn put(cx: &mut Cx<'_>, tag: i32, entries: &Entries) -> Result<()> {
    take(cx, tag, entries)?;
    let groups = entries.groups.iter().map(|row| {
        vec![
            tag.into(),
            row.group_id.into(),
            row.blocked.into(),
            row.exported.into(),
            row.display_name.as_str().into(),
            row.is_default.into(),
            row.uservisible.into(),
            row.description.as_deref().into(),
            row.langonly.as_deref().into(),
            row.biarchonly.into(),
        ]
    });
    let columns = &[
        "tag_id",
        "group_id",
        "blocked",
        "exported",
        "display_name",
        "is_default",
        "uservisible",
        "description",
        "langonly",
        "biarchonly",
    ];
    versioned::create_many(cx, "group_config", columns, groups.collect())?;
    let packages = entries.packages.iter().map(|row| {
        vec![
            tag.into(),
            row.group_id.into(),
            row.package.as_str().into(),
            row.blocked.into(),
            row.r#type.as_str().into(),
            row.basearchonly.into(),
            row.requires.as_deref().into(),
        ]
    });
    let columns = &["tag_id", "group_id", "package", "blocked", "type", "basearchonly", "requires"];
    versioned::create_many(cx, "group_package_listing", columns, packages.collect())?;
    let reqs = entries.reqs.iter().map(|row| {
        vec![
            tag.into(),
            row.group_id.into(),
            row.req_id.into(),
            row.blocked.into(),
            row.r#type.as_deref().into(),
            row.is_metapkg.into(),
        ]
    });
    let columns = &["tag_id", "group_id", "req_id", "blocked", "type", "is_metapkg"];
    versioned::create_many(cx, "group_req_listing", columns, reqs.collect())
}
