//! The groups of a tag with what it inherits: one statement for each kind of entry, and one walk.

use std::collections::{HashMap, HashSet};

use super::rows::{Group, GroupRow, PackageRow, ReqRow};
use crate::Result;
use crate::context::Cx;
use crate::db::{Query, Row};
use crate::package::listing::tag_ids;
use crate::tag::ancestors;

/// What to read.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// As it was at an event
    pub event: Option<i32>,
    /// With what the tag inherits
    pub inherit: bool,
    /// With the groups' packages
    pub packages: bool,
    /// With the groups that they require
    pub reqs: bool,
}

impl Wanted {
    /// Everything, now.
    pub const ALL: Self = Self { event: None, inherit: true, packages: true, reqs: true };
}

/// The groups of a tag, with entries that block.
pub fn all(cx: &mut Cx<'_>, tag: i32, wanted: Wanted) -> Result<Vec<Group>> {
    let links = if wanted.inherit { ancestors::links(cx, tag, wanted.event)? } else { Vec::new() };
    let tags = tag_ids(tag, &links);
    let group = |row| Group { row, packagelist: None, grouplist: None };
    let rows = load::<GroupRow>(cx, ("group_config", "group_id"), &tags, wanted.event)?;
    let mut groups: Vec<Group> =
        nearest(rows, &tags, |row| (row.tag_id, row.group_id)).into_iter().map(group).collect();
    if wanted.packages {
        let rows = load::<PackageRow>(cx, ("group_package_listing", "group_id"), &tags, wanted.event)?;
        add_packages(
            &mut groups,
            nearest(rows, &tags, |row| (row.tag_id, (row.group_id, row.package.clone()))),
        );
    }
    if wanted.reqs {
        let rows = load::<ReqRow>(cx, ("group_req_listing", "req_id"), &tags, wanted.event)?;
        add_reqs(&mut groups, nearest(rows, &tags, |row| (row.tag_id, (row.group_id, row.req_id))));
    }
    Ok(groups)
}

/// The groups of a tag, without what is blocked unless that is wanted.
pub fn shown(cx: &mut Cx<'_>, tag: i32, wanted: Wanted, blocked: bool) -> Result<Vec<Group>> {
    let mut groups = all(cx, tag, wanted)?;
    if !blocked {
        groups.retain(|group| !group.row.blocked);
        for group in &mut groups {
            group.packagelist.iter_mut().for_each(|list| list.retain(|row| !row.blocked));
            group.grouplist.iter_mut().for_each(|list| list.retain(|row| !row.blocked));
        }
    }
    Ok(groups)
}

/// Entries of some tags; `id` is the column that has the group whose name is wanted.
fn load<T: Row>(
    cx: &mut Cx<'_>,
    (table, id): (&str, &str),
    tags: &[i64],
    event: Option<i32>,
) -> Result<Vec<T>> {
    Query::from(table)
        .join(&format!("groups ON groups.id = {table}.{id}"))
        .filter(&format!("{table}.tag_id IN ?"), tags)
        .at(table, event)
        .order(&format!("{table}.create_event"))
        .order(&format!("{table}.{id}"))
        .load(cx.db)
}

/// The nearest entry of each key, those of the nearest tag first. `place` tells an entry's tag and key.
fn nearest<T, K: std::hash::Hash + Eq>(
    mut rows: Vec<T>,
    tags: &[i64],
    place: impl Fn(&T) -> (i32, K),
) -> Vec<T> {
    let distance: HashMap<i64, usize> = tags.iter().enumerate().map(|(at, tag)| (*tag, at)).collect();
    rows.sort_by_key(|row| distance.get(&i64::from(place(row).0)).copied());
    let mut seen = HashSet::new();
    rows.retain(|row| seen.insert(place(row).1));
    rows
}

/// Blocked groups, and groups that the tag does not have, get nothing.
fn add_packages(groups: &mut [Group], rows: Vec<PackageRow>) {
    groups.iter_mut().for_each(|group| group.packagelist = Some(Vec::new()));
    let places = open(groups);
    for row in rows {
        if let Some(place) = places.get(&row.group_id) {
            groups[*place].packagelist.get_or_insert_default().push(row);
        }
    }
}

fn add_reqs(groups: &mut [Group], rows: Vec<ReqRow>) {
    groups.iter_mut().for_each(|group| group.grouplist = Some(Vec::new()));
    let places = open(groups);
    for row in rows {
        if let (Some(place), true) = (places.get(&row.group_id), places.contains_key(&row.req_id)) {
            groups[*place].grouplist.get_or_insert_default().push(row);
        }
    }
}

/// Where the groups are that are not blocked.
fn open(groups: &[Group]) -> HashMap<i32, usize> {
    let places = groups.iter().enumerate().filter(|(_, group)| !group.row.blocked);
    places.map(|(at, group)| (group.row.group_id, at)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_entry_of_a_key_decides() {
        let rows = vec![(2, "a", 1), (1, "a", 2), (2, "b", 3), (3, "b", 4)];
        let kept = nearest(rows, &[1, 2, 3], |row| (row.0, row.1));
        assert_eq!(kept.iter().map(|row| row.2).collect::<Vec<_>>(), [2, 3]);
    }

    #[test]
    fn blocked_groups_hold_nothing_and_are_not_required() {
        let group = |group_id, blocked| Group {
            row: GroupRow {
                name: String::new(),
                group_id,
                tag_id: 1,
                blocked,
                exported: None,
                display_name: String::new(),
                is_default: None,
                uservisible: None,
                description: None,
                langonly: None,
                biarchonly: None,
            },
            packagelist: None,
            grouplist: None,
        };
        let req = |group_id, req_id| ReqRow {
            group_id,
            tag_id: 1,
            req_id,
            blocked: false,
            r#type: None,
            is_metapkg: false,
            name: String::new(),
        };
        let mut groups = [group(1, false), group(2, true), group(3, false)];
        add_reqs(&mut groups, vec![req(1, 2), req(1, 3), req(2, 3), req(1, 9)]);
        assert!(groups[0].requirement(3).is_some() && groups[0].requirement(2).is_none());
        assert_eq!(groups.map(|group| group.grouplist.unwrap().len()), [1, 0, 0]);
    }
}
