//! Which packages show in a tag: by id only, for listings of builds in which most names are not needed.

use std::collections::{HashMap, HashSet};

use super::listing::tag_ids;
use crate::Result;
use crate::context::Cx;
use crate::db::bind::Each;
use crate::db::{Bind, Lookup, Query, versioned};
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
    /// Only this package
    pub package: Option<Lookup>,
}

/// So many of the nearest tags are read first. In a distribution they have an entry for nearly every package, and the
/// many entries of all older releases need not be read.
pub(super) const NEAREST: usize = 4;

/// The packages that show in a tag: listed, by inheritance or not, and not blocked. Two statements at most.
pub fn visible(cx: &mut Cx<'_>, scope: &Scope<'_>) -> Result<HashSet<i32>> {
    let tags = tag_ids(scope.tag, scope.links);
    let is_filtered = scope.links.iter().any(|link| !link.filter.is_empty());
    let mut by_tag: HashMap<i64, Vec<Entry>> = HashMap::new();
    let mut take = |id: i32, tag: i32, blocked: bool, name: String| {
        by_tag.entry(tag.into()).or_default().push(Entry { id, name, blocked });
    };
    let query = |tags: &[i64]| {
        Query::from("tag_packages").filter("tag_packages.tag_id IN ?", tags).at("tag_packages", scope.event)
    };
    if is_filtered || scope.package.is_some() {
        let mut query = query(&tags).join("package ON package.id = tag_packages.package_id");
        if let Some(package) = &scope.package {
            query = package.condition(query, "package");
        }
        let columns = "package.id, tag_packages.tag_id, tag_packages.blocked, package.name";
        for (id, tag, blocked, name) in query.select::<(i32, i32, bool, String)>(cx.db, columns)? {
            take(id, tag, blocked, name);
        }
    } else {
        let (near, far) = tags.split_at(NEAREST.min(tags.len()));
        let columns = "tag_packages.package_id, tag_packages.tag_id, tag_packages.blocked";
        let rows: Vec<(i32, i32, bool)> = query(near).select(cx.db, columns)?;
        rows.into_iter().for_each(|(id, tag, blocked)| take(id, tag, blocked, String::new()));
        if !far.is_empty() {
            for (id, tag, blocked) in
                undecided(near, far, scope.event).at("tag_packages", scope.event).select(cx.db, columns)?
            {
                take(id, tag, blocked, String::new());
            }
        }
    }
    let decisive = listing::packages(scope.tag.into(), scope.links, &by_tag, false)?;
    Ok(decisive.into_iter().filter(|row| !row.blocked).map(|row| row.id).collect())
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
}

/// An entry; its name is only read where links filter by it.
struct Entry {
    id: i32,
    name: String,
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
