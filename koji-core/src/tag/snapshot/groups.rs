//! The groups of a snapshot. Entries that are added have the fields of new ones.

use std::collections::HashMap;

use super::Wish;
use crate::context::Cx;
use crate::db::lookup::Named;
use crate::tag::groups::many::{self, Item, Step};
use crate::tag::groups::read::{self, Wanted};
use crate::tag::groups::rows::{Group, PackageRow, ReqRow};
use crate::{Error, Result};

/// Puts the source's groups into a new tag.
pub fn copy(cx: &mut Cx<'_>, wish: &Wish, src: i32, dst: i32) -> Result<()> {
    let groups = read::shown(cx, src, Wanted { event: wish.event, ..Wanted::ALL }, false)?;
    let mut steps = Vec::new();
    for group in &groups {
        let name = Named { id: group.row.group_id, name: group.row.name.clone() };
        steps.push(Step::Put(Item::Group(many::new_group(dst, &name, false))));
        steps.extend(
            group.packagelist.iter().flatten().map(|row| {
                Step::Put(Item::Package(many::new_package(dst, row.group_id, &row.package, false)))
            }),
        );
        steps.extend(group.grouplist.iter().flatten().map(|row| {
            Step::Put(Item::Req(many::new_req(dst, row.group_id, (row.req_id, &row.name), false)))
        }));
    }
    many::apply(cx, dst, &steps)
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
    let (mut steps, mut within) = (Vec::new(), Vec::new());
    for group in &source {
        match in_held.get(&group.row.group_id) {
            None => {
                let name = Named { id: group.row.group_id, name: group.row.name.clone() };
                steps.push(Step::Put(Item::Group(many::new_group(dst, &name, group.row.blocked))));
            }
            Some(at) => {
                let old = &held[*at];
                refuse_blocked(old, group, wish)?;
                if old.row.blocked != group.row.blocked {
                    let mut row = old.row.clone();
                    (row.tag_id, row.blocked) = (dst, group.row.blocked);
                    steps.push(Step::Put(Item::Group(row)));
                }
                within.extend(Pair { source: group, held: old, dst }.steps(wish.remove));
            }
        }
    }
    if wish.remove {
        for group in held.iter().filter(|group| !in_source.contains_key(&group.row.group_id)) {
            if group.row.tag_id == dst {
                steps.push(Step::Take(Item::Group(group.row.clone())));
            } else if !group.row.blocked {
                let mut row = group.row.clone();
                (row.tag_id, row.blocked) = (dst, true);
                steps.push(Step::Put(Item::Group(row)));
            }
        }
    }
    steps.append(&mut within);
    many::apply(cx, dst, &steps)
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
}

impl Pair<'_> {
    /// What the source has comes first, then what it lacks goes.
    fn steps(&self, remove: bool) -> Vec<Step> {
        let mut steps = self.missing();
        if remove {
            steps.extend(self.packages_gone());
            steps.extend(self.reqs_gone());
        }
        steps
    }

    fn missing(&self) -> Vec<Step> {
        let Self { source, held, dst } = *self;
        let packages = source.packagelist.iter().flatten();
        let packages = packages
            .filter(|row| held.package(&row.package).is_none())
            .map(|row| Item::Package(many::new_package(dst, row.group_id, &row.package, false)));
        let reqs = source.grouplist.iter().flatten();
        let reqs = reqs
            .filter(|row| held.requirement(row.req_id).is_none())
            .map(|row| Item::Req(many::new_req(dst, row.group_id, (row.req_id, &row.name), row.blocked)));
        packages.chain(reqs).map(Step::Put).collect()
    }

    fn packages_gone(&self) -> impl Iterator<Item = Step> {
        let dst = self.dst;
        self.held.packagelist.iter().flatten().filter(|row| !row.blocked).filter_map(move |row| {
            match self.source.package(&row.package) {
                Some(known) if known.blocked => {
                    let blocked = PackageRow { tag_id: dst, blocked: true, ..row.clone() };
                    Some(Step::Put(Item::Package(blocked)))
                }
                None if row.tag_id == dst => Some(Step::Take(Item::Package(row.clone()))),
                _ => None,
            }
        })
    }

    fn reqs_gone(&self) -> impl Iterator<Item = Step> {
        let dst = self.dst;
        let gone = self.held.grouplist.iter().flatten().filter(|row| !row.blocked);
        gone.filter(|row| self.source.requirement(row.req_id).is_none()).map(move |row| {
            if row.tag_id == dst {
                return Step::Take(Item::Req(row.clone()));
            }
            Step::Put(Item::Req(ReqRow { tag_id: dst, blocked: true, ..row.clone() }))
        })
    }
}
