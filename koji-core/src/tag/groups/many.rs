//! Many entries of groups at once: for copies of tags. Each has an event of its own; one statement ends, one makes the
//! entries of a kind.

use super::rows::{GroupRow, PackageRow, ReqRow};
use crate::Result;
use crate::context::Cx;
use crate::db::lookup::Named;
use crate::db::write::events;
use crate::db::{Bind, versioned};

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

/// What is put into a tag or taken from it.
#[derive(Clone, Debug)]
pub enum Item {
    /// A group
    Group(GroupRow),
    /// A package of a group
    Package(PackageRow),
    /// A group that a group requires
    Req(ReqRow),
}

/// A change of a tag's own entries: an item is put, in place of the tag's own one if there is one, or taken away.
#[derive(Clone, Debug)]
pub enum Step {
    /// Put it
    Put(Item),
    /// Take it away
    Take(Item),
}

/// Makes the changes, each at an event of its own, in their order.
pub fn apply(cx: &mut Cx<'_>, tag: i32, steps: &[Step]) -> Result<()> {
    let now = cx.now();
    let events = events(cx.db, now, steps.len())?;
    let (mut groups, mut packages, mut reqs) = (Kind::default(), Kind::default(), Kind::default());
    for (step, event) in steps.iter().zip(events) {
        let (Step::Put(item) | Step::Take(item)) = step;
        let (kind, key, row) = match item {
            Item::Group(row) => (&mut groups, vec![row.group_id.into()], group(tag, row)),
            Item::Package(row) => {
                (&mut packages, vec![row.group_id.into(), row.package.as_str().into()], package(tag, row))
            }
            Item::Req(row) => (&mut reqs, vec![row.group_id.into(), row.req_id.into()], req(tag, row)),
        };
        kind.ended.push((event, key));
        if matches!(step, Step::Put(_)) {
            kind.new.push((event, row));
        }
    }
    groups.write(cx, tag, "group_config", "group_id = ?", GROUP)?;
    packages.write(cx, tag, "group_package_listing", "group_id = ? AND package = ?", PACKAGE)?;
    reqs.write(cx, tag, "group_req_listing", "group_id = ? AND req_id = ?", REQ)
}

/// The rows of a table that end, by their keys, and those that begin.
#[derive(Default)]
struct Kind {
    ended: Vec<(i32, Vec<Bind>)>,
    new: Vec<(i32, Vec<Bind>)>,
}

impl Kind {
    fn write(
        self,
        cx: &mut Cx<'_>,
        tag: i32,
        table: &'static str,
        key: &str,
        columns: &[&'static str],
    ) -> Result<()> {
        versioned::revoke_apart(cx, table, tag, key, &self.ended)?;
        versioned::create_apart(cx, table, columns, self.new)
    }
}

const GROUP: &[&str] = &[
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

fn group(tag: i32, row: &GroupRow) -> Vec<Bind> {
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
}

const PACKAGE: &[&str] = &["tag_id", "group_id", "package", "blocked", "type", "basearchonly", "requires"];

fn package(tag: i32, row: &PackageRow) -> Vec<Bind> {
    vec![
        tag.into(),
        row.group_id.into(),
        row.package.as_str().into(),
        row.blocked.into(),
        row.r#type.as_str().into(),
        row.basearchonly.into(),
        row.requires.as_deref().into(),
    ]
}

const REQ: &[&str] = &["tag_id", "group_id", "req_id", "blocked", "type", "is_metapkg"];

fn req(tag: i32, row: &ReqRow) -> Vec<Bind> {
    vec![
        tag.into(),
        row.group_id.into(),
        row.req_id.into(),
        row.blocked.into(),
        row.r#type.as_deref().into(),
        row.is_metapkg.into(),
    ]
}
