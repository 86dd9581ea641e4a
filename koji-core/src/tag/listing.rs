//! Which packages and builds a tag shows: the rules over rows that were loaded for the tag and its ancestors.
//!
//! The nearest entry of a package decides, blocked or not. Of the builds, those show whose package is listed
//! and not blocked; the most recently tagged one is the latest.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use regex::Regex;

use super::inheritance::Link;
use crate::{Error, Result};

/// Compiled package filters, each distinct pattern once.
#[derive(Debug, Default)]
pub struct Filters {
    compiled: HashMap<Arc<str>, Regex>,
}

impl Filters {
    /// Compiles what the links filter by. A pattern that does not compile is an error that names it.
    pub fn compile(links: &[Link]) -> Result<Self> {
        let mut compiled = HashMap::new();
        for pattern in links.iter().flat_map(|link| link.filter.iter()) {
            if !compiled.contains_key(pattern) {
                compiled.insert(pattern.clone(), compile(pattern)?);
            }
        }
        Ok(Self { compiled })
    }

    /// Whether a package passes all filters on the way to a link. A filter matches from the name's start.
    pub fn pass(&self, link: &Link, package: &str) -> bool {
        link.filter
            .iter()
            .all(|pattern| self.compiled.get(pattern).is_some_and(|compiled| compiled.is_match(package)))
    }
}

fn compile(pattern: &str) -> Result<Regex> {
    Regex::new(&format!("^(?:{pattern})")).map_err(|error| {
        Error::generic(format!("invalid package filter {pattern:?}: {error}")).caused_by(error)
    })
}

/// What the rules need to know of an entry in a tag's package list.
pub trait PackageEntry {
    /// The package's id.
    fn package_id(&self) -> i64;
    /// The package's name, for filters.
    fn package_name(&self) -> &str;
    /// Whether the package is blocked here.
    fn blocked(&self) -> bool;
}

/// The package entries that hold for a tag, in the order found: its own, then those inherited.
///
/// `rows` maps each tag to its entries. With `duplicates` every entry on the way is kept; otherwise the nearest
/// one of each package, and within one tag the last.
pub fn packages<'a, T: PackageEntry>(
    tag_id: i64,
    links: &[Link],
    rows: &'a HashMap<i64, Vec<T>>,
    duplicates: bool,
) -> Result<Vec<&'a T>> {
    let filters = Filters::compile(links)?;
    let mut found: Vec<&T> = Vec::new();
    let mut index: HashMap<i64, usize> = HashMap::new();
    let sources =
        std::iter::once((tag_id, None)).chain(links.iter().map(|link| (link.edge.parent_id, Some(link))));
    for (source, link) in sources {
        for row in rows.get(&source).into_iter().flatten() {
            let known = index.get(&row.package_id()).copied();
            if (!duplicates && known.is_some() && link.is_some())
                || link.is_some_and(|link| !filters.pass(link, row.package_name()))
            {
                continue;
            }
            match known {
                Some(position) if !duplicates => found[position] = row,
                _ => {
                    index.entry(row.package_id()).or_insert(found.len());
                    found.push(row);
                }
            }
        }
    }
    Ok(found)
}

/// The packages that show, by id: listed and not blocked.
pub fn visible<'a, T: PackageEntry + 'a>(packages: impl IntoIterator<Item = &'a T>) -> HashMap<i64, &'a T> {
    let unblocked = packages.into_iter().filter(|entry| !entry.blocked());
    unblocked.map(|entry| (entry.package_id(), entry)).collect()
}

/// How many builds of a package to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Latest {
    /// Every build.
    All,
    /// This many of the most recently tagged.
    First(i64),
}

impl From<i64> for Latest {
    /// Koji's number: 0 is no limit, and so is a client's `False`; `True` counts 1.
    fn from(count: i64) -> Self {
        if count == 0 { Self::All } else { Self::First(count) }
    }
}

/// Takes the first builds of each key (the package), in the order given: nearest tag first and within a tag the
/// most recently tagged first.
pub fn take_latest<T, K: Eq + Hash>(
    builds: impl IntoIterator<Item = T>,
    latest: Latest,
    key: impl Fn(&T) -> K,
) -> Vec<T> {
    let Latest::First(limit) = latest else { return builds.into_iter().collect() };
    let mut seen: HashMap<K, i64> = HashMap::new();
    let mut taken = Vec::new();
    for build in builds {
        let count = seen.entry(key(&build)).or_default();
        if *count < limit {
            *count += 1;
            taken.push(build);
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::super::inheritance::{Direction, Edge, Graph, full};
    use super::*;

    #[derive(Debug, PartialEq, Clone)]
    struct Row(i64, &'static str, bool, i64);

    impl PackageEntry for Row {
        fn package_id(&self) -> i64 {
            self.0
        }
        fn package_name(&self) -> &str {
            self.1
        }
        fn blocked(&self) -> bool {
            self.2
        }
    }

    fn links(edges: &[(i64, i64, &str)]) -> Vec<Link> {
        let edges = edges.iter().enumerate().map(|(at, &(child_id, parent_id, filter))| Edge {
            child_id,
            parent_id,
            name: "".into(),
            priority: at as i64,
            maxdepth: None,
            intransitive: false,
            noconfig: false,
            pkg_filter: Some(filter.into()),
        });
        full(1, &Graph::new(Direction::Ancestors, edges)).links
    }

    #[test]
    fn the_nearest_entry_decides() {
        let rows = HashMap::from([
            (1, vec![Row(10, "a", true, 1)]),
            (2, vec![Row(10, "a", false, 2), Row(11, "b", false, 2)]),
        ]);
        let links = links(&[(1, 2, "")]);
        let list = packages(1, &links, &rows, false).unwrap();
        assert_eq!(list.iter().map(|row| (row.0, row.3)).collect::<Vec<_>>(), [(10, 1), (11, 2)]);
        let shown = visible(list);
        assert!(shown.contains_key(&11) && !shown.contains_key(&10));
        assert_eq!(packages(1, &links, &rows, true).unwrap().len(), 3);
    }

    #[test]
    fn filters_match_at_the_start_and_all_of_them() {
        let rows = HashMap::from([(
            3,
            vec![Row(1, "foobar", false, 3), Row(2, "bar", false, 3), Row(3, "foo", false, 3)],
        )]);
        let list = |filter: &str, next: &str| {
            let links = links(&[(1, 2, filter), (2, 3, next)]);
            packages(1, &links, &rows, false).map(|list| list.iter().map(|row| row.1).collect::<Vec<_>>())
        };
        assert_eq!(list("foo", "").unwrap(), ["foobar", "foo"]);
        assert_eq!(list("foo", ".*bar").unwrap(), ["foobar"]);
        assert_eq!(list("bar|foo$", "").unwrap(), ["bar", "foo"]);
        assert!(list("(", "").unwrap_err().message.contains("package filter"));
    }

    #[test]
    fn latest_counts_per_package() {
        let builds = [(1, 'a'), (2, 'b'), (3, 'a'), (4, 'a')];
        let take =
            |latest| take_latest(builds, latest, |build| build.1).iter().map(|b| b.0).collect::<Vec<_>>();
        assert_eq!(take(Latest::from(0)), [1, 2, 3, 4]);
        assert_eq!(take(Latest::from(1)), [1, 2]);
        assert_eq!(take(Latest::from(2)), [1, 2, 3]);
        assert_eq!(take(Latest::from(-1)), [] as [i32; 0]);
    }
}
