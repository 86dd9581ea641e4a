//! Which packages show in a tag: by id and name, for listings of builds.

use std::collections::{HashMap, HashSet};

use super::listing::tag_ids;
use crate::Result;
use crate::context::Cx;
use crate::db::bind::Each;
use crate::db::{Bind, Query, Shared, versioned};
use crate::tag::inheritance::Link;
use crate::tag::listing::{self, PackageEntry};

/// Where to look for packages that show.
pub struct Scope<'a> {
    /// The tag
    pub tag: i32,
    /// What it inherits from
    pub links: &'a [Link],
    /// As it was at an event
    pub event: Option<i32>,
    /// At least these; others need not be told
    pub among: Option<Vec<i32>>,
}

/// So many of the nearest tags are read first. In a distribution they have an entry for nearly every package, and the
/// many entries of all older releases need not be read.
pub(super) const NEAREST: usize = 4;

/// Up to so many packages are looked up one by one; for more the whole list is read.
const FEW: usize = 4_000;

/// Up to so many packages the plan of a statement does not depend on which they are.
const ALIKE: usize = 50;

/// The names of the packages that show in a tag: listed, by inheritance or not, and not blocked. Two statements at most.
pub fn visible(cx: &mut Cx<'_>, scope: &Scope<'_>) -> Result<HashMap<i32, Shared>> {
    let tags = tag_ids(scope.tag, scope.links);
    let is_filtered = scope.links.iter().any(|link| !link.filter.is_empty());
    let limit = if is_filtered { tags.len() } else { NEAREST.min(tags.len()) };
    let (near, far) = tags.split_at(limit);
    let of_tags = |tags: &[i64], packages: Option<&[i32]>| {
        Query::from("tag_packages")
            .join("package ON package.id = tag_packages.package_id")
            .filter("tag_packages.tag_id IN ?", tags)
            .filter_some("tag_packages.package_id IN ?", packages)
            .planned_anew(packages.is_none_or(|packages| packages.len() > ALIKE))
    };
    let mut by_tag: HashMap<i64, Vec<Entry>> = HashMap::new();
    let few = scope.among.as_deref().filter(|packages| packages.len() <= FEW);
    read(cx, scope, of_tags(near, few), &mut by_tag)?;
    match &scope.among {
        _ if far.is_empty() => {}
        None => read(cx, scope, undecided(near, far, scope.event), &mut by_tag)?,
        Some(packages) => {
            let decided: HashSet<i32> = by_tag.values().flatten().map(|entry| entry.id).collect();
            let open: Vec<i32> = packages.iter().copied().filter(|id| !decided.contains(id)).collect();
            if !open.is_empty() {
                read(cx, scope, of_tags(far, Some(&open)), &mut by_tag)?;
            }
        }
    }
    let decisive = listing::packages(scope.tag.into(), scope.links, &by_tag, false)?;
    Ok(decisive.into_iter().filter(|row| !row.blocked).map(|row| (row.id, row.name.clone())).collect())
}

fn read(
    cx: &mut Cx<'_>,
    scope: &Scope<'_>,
    entries: Query,
    by_tag: &mut HashMap<i64, Vec<Entry>>,
) -> Result<()> {
    let columns = "package.id, tag_packages.tag_id, tag_packages.blocked, package.name";
    let rows: Vec<(i32, i32, bool, Shared)> =
        entries.at("tag_packages", scope.event).select(cx.db, columns)?;
    for (id, tag, blocked, name) in rows {
        by_tag.entry(tag.into()).or_default().push(Entry { id, name, blocked });
    }
    Ok(())
}

/// The entries of further tags for packages that nearer ones say nothing of. It goes by packages, for those are few.
/// When the entries themselves hold is left to be said.
pub(super) fn undecided(near: &[i64], far: &[i64], event: Option<i32>) -> Query {
    let (holds, at) = versioned::at("near", event);
    let binds = [vec![Bind::from(near)], at].concat();
    // the set of decided packages is not sent back: PostgreSQL would compare each package with each of them
    let decided =
        format!("SELECT near.package_id FROM tag_packages AS near WHERE near.tag_id IN ? AND ({holds})");
    Query::from("package")
        .join_with("CROSS JOIN", "tag_packages", ())
        .filter("tag_packages.package_id = package.id", ())
        .filter(&format!("package.id NOT IN ({decided})"), Each(binds))
        .filter("tag_packages.tag_id IN ?", far)
        .planned_anew(true)
}

/// An entry of a package list.
struct Entry {
    id: i32,
    name: Shared,
    blocked: bool,
}

impl PackageEntry for Entry {
    fn package_id(&self) -> i64 {
        self.id.into()
    }
    fn package_name(&self) -> &str {
        &self.name
    }
    fn blocked(&self) -> bool {
        self.blocked
    }
}
