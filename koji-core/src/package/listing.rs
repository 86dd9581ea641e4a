//! Entries of package lists: of one tag with what it inherits, of an owner, of a package.

use std::cmp::Ordering;
use std::collections::HashMap;

use serde::Serialize;

use super::visible::{self, NEAREST, Scope};
use crate::context::Cx;
use crate::db::{Query, QueryOpts, Rows, Shared, Unknown};
use crate::tag::ancestors;
use crate::tag::inheritance::Link;
use crate::tag::listing::{self, PackageEntry};
use crate::{Error, Result, together};

/// An entry in the package list of a tag.
#[derive(Clone, Debug, Serialize)]
pub struct Listed {
    /// The package
    pub package_id: i32,
    /// Its name
    pub package_name: Shared,
    /// The tag that has the entry
    pub tag_id: i32,
    /// Its name
    pub tag_name: Shared,
    /// Arches to build for beyond the tag's own
    pub extra_arches: Option<String>,
    /// Whether the package is blocked from here on
    pub blocked: bool,
    /// Who owns the package in this tag, if asked for
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<i32>,
    /// The owner's name
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner_name: Option<Shared>,
}

impl PackageEntry for Listed {
    fn package_id(&self) -> i64 {
        self.package_id.into()
    }
    fn package_name(&self) -> &str {
        &self.package_name
    }
    fn blocked(&self) -> bool {
        self.blocked
    }
}

/// Which entries to list. At least one of tag, owner and package must be given.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Of this tag
    pub tag: Option<i32>,
    /// Of packages with this owner
    pub owner: Option<i32>,
    /// Of these packages
    pub packages: Option<Vec<i32>>,
    /// As it was at an event
    pub event: Option<i32>,
    /// With what the tag inherits
    pub inherit: bool,
    /// Every entry on the way, not only the one that decides
    pub duplicates: bool,
    /// With owners; entries that have none are then left out
    pub owners: bool,
    /// With entries that block
    pub blocked: bool,
}

impl Wanted {
    /// What decides about one package in a tag.
    pub fn one(tag: i32, package: i32) -> Self {
        Self { packages: Some(vec![package]), ..Self::all(tag) }
    }

    /// What decides in a tag.
    pub fn all(tag: i32) -> Self {
        Self {
            tag: Some(tag),
            owner: None,
            packages: None,
            event: None,
            inherit: true,
            duplicates: false,
            owners: true,
            blocked: true,
        }
    }

    /// The same at an event.
    #[must_use]
    pub fn at(self, event: Option<i32>) -> Self {
        Self { event, ..self }
    }
}

/// The entry that decides about one package in a tag.
pub fn find(cx: &mut Cx<'_>, tag: i32, package: i32) -> Result<Option<Listed>> {
    Ok(list(cx, &Wanted::one(tag, package))?.into_iter().next())
}

/// Whether a package is listed in a tag and not blocked there.
pub fn is_visible(cx: &mut Cx<'_>, tag: i32, package: i32) -> Result<bool> {
    let links = ancestors::links(cx, tag, None)?;
    let scope = Scope { tag, links: &links, event: None, among: Some(vec![package]) };
    Ok(visible::visible(cx, &scope)?.contains_key(&package))
}

/// The entries wanted: nearest tag first, those of one package together.
pub fn list(cx: &mut Cx<'_>, wanted: &Wanted) -> Result<Vec<Listed>> {
    if wanted.owner.is_some() && !wanted.owners {
        return Err(Error::generic("a listing by owner shows owners; leave with_owners as it is"));
    }
    let links = match wanted.tag {
        Some(tag) if wanted.inherit => ancestors::links(cx, tag, wanted.event)?,
        _ => Vec::new(),
    };
    let rows = load(cx, wanted, &links)?;
    let mut by_tag: HashMap<i64, Vec<Listed>> = HashMap::new();
    for row in rows {
        // without a tag there is no order of tags: all of them count as one
        let place = if wanted.tag.is_some() { row.tag_id.into() } else { 0 };
        by_tag.entry(place).or_default().push(row);
    }
    let start = wanted.tag.map_or(0, i64::from);
    let mut found: Vec<Listed> =
        listing::packages(start, &links, &by_tag, wanted.duplicates)?.into_iter().cloned().collect();
    if wanted.duplicates {
        let mut first: HashMap<i32, usize> = HashMap::new();
        for (at, row) in found.iter().enumerate() {
            first.entry(row.package_id).or_insert(at);
        }
        found.sort_by_key(|row| first.get(&row.package_id).copied());
    }
    Ok(found)
}

fn load(cx: &mut Cx<'_>, wanted: &Wanted, links: &[Link]) -> Result<Vec<Listed>> {
    let mut rows;
    match wanted.tag {
        None => rows = select(cx, wanted, by_entry(), None)?,
        Some(tag) => {
            let tags = tag_ids(tag, links);
            let is_plain =
                wanted.packages.is_none() && wanted.owner.is_none() && wanted.blocked && !wanted.duplicates;
            let is_filtered = links.iter().any(|link| !link.filter.is_empty());
            let limit = if is_plain && !is_filtered { NEAREST.min(tags.len()) } else { tags.len() };
            let (near, far) = tags.split_at(limit);
            let of_near = by_entry().filter("tag_packages.tag_id IN ?", near);
            let of_near = |cx: &mut Cx<'_>| select(cx, wanted, of_near, Some(near));
            if far.is_empty() {
                rows = of_near(cx)?;
            } else {
                let of_far = visible::undecided(near, far, wanted.event);
                let (nearest, others) =
                    together::both(cx, of_near, |cx| select(cx, wanted, of_far, Some(far)));
                rows = nearest?;
                rows.extend(others?);
            }
        }
    }
    name(cx, &mut rows)?;
    Ok(rows)
}

fn by_entry() -> Query {
    Query::from("tag_packages").join("package ON package.id = tag_packages.package_id")
}

/// The entries of some tags, or of all, without the names of tags and owners.
fn select(cx: &mut Cx<'_>, wanted: &Wanted, entries: Query, tags: Option<&[i64]>) -> Result<Vec<Listed>> {
    let mut query = entries
        .planned_anew(wanted.packages.is_none())
        .at("tag_packages", wanted.event)
        .filter_some("tag_packages.package_id IN ?", wanted.packages.as_ref());
    let mut owner = "NULL";
    if wanted.owners {
        owner = "tag_package_owners.owner";
        query = query
            .join(
                "tag_package_owners ON tag_package_owners.tag_id = tag_packages.tag_id \
                 AND tag_package_owners.package_id = tag_packages.package_id",
            )
            .at("tag_package_owners", wanted.event)
            // said again, so that no owners of other tags are read to be joined
            .filter_some("tag_package_owners.tag_id IN ?", tags)
            .filter_some("tag_package_owners.owner = ?", wanted.owner);
    }
    if !wanted.blocked {
        query = query.filter("tag_packages.blocked = FALSE", ());
    }
    type Cells = (i32, i32, Shared, i32, Option<String>, bool, Option<i32>);
    let columns = format!(
        "tag_packages.create_event, package.id, package.name, tag_packages.tag_id, tag_packages.extra_arches, \
         tag_packages.blocked, {owner}"
    );
    let mut rows: Vec<Cells> = query.select(cx.db, &columns)?;
    rows.sort_unstable_by_key(|(event, package, ..)| (*event, *package));
    let row = |(_, package_id, package_name, tag_id, extra_arches, blocked, owner_id): Cells| Listed {
        package_id,
        package_name,
        tag_id,
        tag_name: Shared::default(),
        extra_arches,
        blocked,
        owner_id,
        owner_name: None,
    };
    Ok(rows.into_iter().map(row).collect())
}

/// Adds the names of tags and owners.
fn name(cx: &mut Cx<'_>, rows: &mut [Listed]) -> Result<()> {
    let known = Unknown::default()
        .names("tag", rows.iter().map(|row| row.tag_id))
        .names("users", rows.iter().filter_map(|row| row.owner_id))
        .load(cx.db)?;
    for row in rows {
        row.tag_name = known.name("tag", row.tag_id);
        row.owner_name = row.owner_id.map(|owner| known.name("users", owner));
    }
    Ok(())
}

/// A tag and those it inherits from, each once, nearest first.
pub(crate) fn tag_ids(tag: i32, links: &[Link]) -> Vec<i64> {
    let mut ids = vec![i64::from(tag)];
    for link in links {
        if !ids.contains(&link.edge.parent_id) {
            ids.push(link.edge.parent_id);
        }
    }
    ids
}

/// Takes a prefix of names, whatever its case, and what `queryOpts` ask for.
pub fn page(mut list: Vec<Listed>, prefix: Option<&str>, opts: &QueryOpts) -> Result<Rows<Listed>> {
    if let Some(prefix) = prefix.filter(|prefix| !prefix.is_empty()) {
        let prefix = prefix.to_lowercase();
        list.retain(|row| row.package_name.to_lowercase().starts_with(&prefix));
    }
    if let Some(key) = opts.order.as_deref().filter(|key| !key.is_empty() && !list.is_empty()) {
        let (name, descending) = key.strip_prefix('-').map_or((key, false), |name| (name, true));
        let compare = order_by(name)?;
        list.sort_by(|a, b| if descending { compare(b, a) } else { compare(a, b) });
    }
    Ok(opts.page(list))
}

fn order_by(key: &str) -> Result<fn(&Listed, &Listed) -> Ordering> {
    Ok(match key {
        "package_id" => |a, b| a.package_id.cmp(&b.package_id),
        "package_name" => |a, b| a.package_name.cmp(&b.package_name),
        "tag_id" => |a, b| a.tag_id.cmp(&b.tag_id),
        "tag_name" => |a, b| a.tag_name.cmp(&b.tag_name),
        "extra_arches" => |a, b| a.extra_arches.cmp(&b.extra_arches),
        "blocked" => |a, b| a.blocked.cmp(&b.blocked),
        "owner_id" => |a, b| a.owner_id.cmp(&b.owner_id),
        "owner_name" => |a, b| a.owner_name.cmp(&b.owner_name),
        _ => return Err(Error::unforeseen(format!("cannot order by {key:?}: an entry has no such key"))),
    })
}
