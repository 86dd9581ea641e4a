//! The builds of a snapshot.

use std::collections::HashMap;

use super::{Wish, plan};
use crate::Result;
use crate::build::{BuildRow, many};
use crate::context::Cx;
use crate::tag::access::{self, TagState};
use crate::tag::listing::Latest;
use crate::tag::tagged::{TaggedBuild, Wanted, builds};
use crate::tag::tagging::listing::{self, Change, Step};

fn source(cx: &mut Cx<'_>, wish: &Wish, src: i32) -> Result<Vec<TaggedBuild>> {
    let latest = if wish.latest_only { Latest::First(1) } else { Latest::All };
    builds(cx, &Wanted { event: wish.event, inherit: wish.inherit_builds, latest, ..Wanted::of(src) })
}

/// Tags the source's builds into a new tag, the oldest first.
pub fn copy(cx: &mut Cx<'_>, wish: &Wish, src: i32, dst: &TagState) -> Result<()> {
    let ids: Vec<i32> = source(cx, wish, src)?.iter().rev().map(|build| build.row.build_id).collect();
    let rows = rows(cx, &ids)?;
    let user = cx.user_id()?;
    listing::tag(cx, &Change { tag: dst, user, force: true }, &rows)?;
    cx.forget_event();
    Ok(())
}

/// Tags and untags so that the tag has the source's builds in their order.
pub fn follow(cx: &mut Cx<'_>, wish: &Wish, src: i32, dst: &TagState) -> Result<()> {
    let source = by_package(&source(cx, wish, src)?);
    let held = by_package(&builds(cx, &Wanted::of(dst.id))?);
    let none = Vec::new();
    let mut steps = Vec::new();
    if wish.remove {
        let gone = held.iter().filter(|(package, _)| !source.iter().any(|(known, _)| known == package));
        steps.extend(gone.flat_map(|(_, builds)| builds.iter().map(|build| Step::Untag(*build))));
    }
    let held: HashMap<i32, Vec<i32>> = held.into_iter().collect();
    let forced_out = steps.len();
    for (package, builds) in &source {
        steps.extend(plan::steps(builds, held.get(package).unwrap_or(&none), wish.remove));
    }
    let user = cx.user_id()?;
    if steps[forced_out..].iter().any(|step| matches!(step, Step::Untag(_))) {
        access::assert(cx, dst, user, wish.force)?;
    }
    let mut ids: Vec<i32> = steps.iter().map(|step| step.build()).collect();
    ids.sort_unstable();
    ids.dedup();
    let rows = rows(cx, &ids)?;
    let rows: HashMap<i32, &BuildRow> = rows.iter().map(|row| (row.id, row)).collect();
    listing::carry_out(cx, &Change { tag: dst, user, force: wish.force }, steps, &rows)?;
    cx.forget_event();
    Ok(())
}

fn rows(cx: &mut Cx<'_>, ids: &[i32]) -> Result<Vec<BuildRow>> {
    many::get(cx, &ids.iter().map(|id| (*id).into()).collect::<Vec<_>>())
}

/// Builds by package, each once, the oldest first.
fn by_package(builds: &[TaggedBuild]) -> Vec<(i32, Vec<i32>)> {
    let mut places: HashMap<i32, usize> = HashMap::new();
    let mut packages: Vec<(i32, Vec<i32>)> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for row in builds.iter().rev().map(|build| &build.row).filter(|row| seen.insert(row.build_id)) {
        let place = *places.entry(row.package_id).or_insert_with(|| {
            packages.push((row.package_id, Vec::new()));
            packages.len() - 1
        });
        packages[place].1.push(row.build_id);
    }
    packages
}
