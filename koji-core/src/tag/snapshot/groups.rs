//! The groups of a snapshot. Entries that are added have the fields of new ones.

use std::collections::HashMap;

use super::Wish;
use crate::context::Cx;
use crate::db::lookup::Named;
use crate::tag::groups::many::{self, Entries};
use crate::tag::groups::read::{self, Wanted};
use crate::tag::groups::rows::{Group, PackageRow, ReqRow};
use crate::{Error, Result};

/// Puts the source's groups into a new tag.
pub fn copy(cx: &mut Cx<'_>, wish: &Wish, src: i32, dst: i32) -> Result<()> {
    let groups = read::shown(cx, src, Wanted { event: wish.event, ..Wanted::ALL }, false)?;
    let mut new = Entries::default();
    for group in &groups {
        let name = Named { id: group.row.group_id, name: group.row.name.clone() };
        new.groups.push(many::new_group(dst, &name, false));
        let packages = group.packagelist.iter().flatten();
        new.packages.extend(packages.map(|row| many::new_package(dst, row.group_id, &row.package, false)));
        let reqs = group.grouplist.iter().flatten();
        new.reqs.extend(reqs.map(|row| many::new_req(dst, row.group_id, (row.req_id, &row.name), false)));
    }
    many::put(cx, dst, &new)
}

/// Adds what the source has and the tag lacks, and with `remove` takes away or blocks what the source lacks. A group
/// that the tag gets only now gets nothing into it, as Koji does.
pub fn follow(cx: &mut Cx<'_>, wish: &Wish, src: i32, dst: i32) -> Result<()> {
    let source = read::all(cx, src, Wanted { event: wish.event, ..Wanted::ALL })?;
    let held = read::all(cx, dst, Wanted::ALL)?;
    let of = |groups: &[Group]| -> HashMap<i32, usize> {
        groups.iter().enumerate().map(|(at, group)| (group.row.group_id, at)).collect()
    };
    let (in_source, in_held) = (of(&source), of(&held));
    let (mut new, mut gone) = (Entries::default(), Entries::default());
    for group in &source {
        match in_held.get(&group.row.group_id) {
            None => {
                let name = Named { id: group.row.group_id, name: group.row.name.clone() };
                new.groups.push(many::new_group(dst, &name, group.row.blocked));
            }
            Some(at) => {
                let old = &held[*at];
                refuse_blocked(old, group, wish)?;
                if old.row.blocked != group.row.blocked {
                    let mut row = old.row.clone();
                    (row.tag_id, row.blocked) = (dst, group.row.blocked);
                    new.groups.push(row);
                }
                packages(&Pair { source: group, held: old, dst, remove: wish.remove }, &mut new, &mut gone);
                reqs(&Pair { source: group, held: old, dst, remove: wish.remove }, &mut new, &mut gone);
            }
        }
    }
    if wish.remove {
        for group in held.iter().filter(|group| !in_source.contains_key(&group.row.group_id)) {
            if group.row.tag_id == dst {
                gone.groups.push(group.row.clone());
            } else if !group.row.blocked {
                let mut row = group.row.clone();
                (row.tag_id, row.blocked) = (dst, true);
                new.groups.push(row);
            }
        }
    }
    many::take(cx, dst, &gone)?;
    many::put(cx, dst, &new)
}

fn refuse_blocked(old: &Group, new: &Group, wish: &Wish) -> Result<()> {
    if old.row.blocked && !new.row.blocked && !wish.force {
        return Err(Error::generic(format!("group {} is blocked in tag {}", old.row.name, wish.dst)));
    }
    Ok(())
}

/// A group that both tags have.
struct Pair<'a> {
    source: &'a Group,
    held: &'a Group,
    dst: i32,
    remove: bool,
}

fn packages(pair: &Pair<'_>, new: &mut Entries, gone: &mut Entries) {
    let Pair { source, held, dst, remove } = *pair;
    for row in source.packagelist.iter().flatten().filter(|row| held.package(&row.package).is_none()) {
        new.packages.push(many::new_package(dst, row.group_id, &row.package, false));
    }
    for row in held.packagelist.iter().flatten().filter(|row| remove && !row.blocked) {
        match source.package(&row.package) {
            Some(known) if known.blocked => {
                new.packages.push(PackageRow { tag_id: dst, blocked: true, ..row.clone() });
            }
            None if row.tag_id == dst => gone.packages.push(row.clone()),
            _ => {}
        }
    }
}

fn reqs(pair: &Pair<'_>, new: &mut Entries, gone: &mut Entries) {
    let Pair { source, held, dst, remove } = *pair;
    for row in source.grouplist.iter().flatten().filter(|row| held.requirement(row.req_id).is_none()) {
        new.reqs.push(many::new_req(dst, row.group_id, (row.req_id, &row.name), row.blocked));
    }
    for row in held.grouplist.iter().flatten().filter(|row| remove && !row.blocked) {
        match source.requirement(row.req_id) {
            Some(_) => {}
            None if row.tag_id == dst => gone.reqs.push(row.clone()),
            None => new.reqs.push(ReqRow { tag_id: dst, blocked: true, ..row.clone() }),
        }
    }
}
