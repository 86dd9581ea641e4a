//! Which tags use which external repositories, now or at an event.

use std::collections::{HashMap, HashSet};

use crate::Result;
use crate::context::Cx;
use crate::db::lookup::{self};
use crate::db::{Lookup, Query};
use crate::tag;

crate::row! {
    /// An external repository in a tag.
    pub struct TagRepoRow {
        /// The repository
        pub external_repo_id: i32 = "external_repo.id",
        /// Its name
        pub external_repo_name: String = "external_repo.name",
        /// Where it stands among those of the tag: lower is earlier
        pub priority: i32 = "tag_external_repos.priority",
        /// The tag
        pub tag_id: i32 = "tag.id",
        /// Its name
        pub tag_name: String = "tag.name",
        /// Where the repository is
        pub url: String = "external_repo_config.url",
        /// How it is merged: `koji`, `simple` or `bare`
        pub merge_mode: String = "tag_external_repos.merge_mode",
        /// The arches it is used for, separated by spaces; null means all
        pub arches: Option<String> = "tag_external_repos.arches",
    }
}

/// External repositories in tags, by priority: those of a tag, or the tags of a repository, or all.
pub fn list(
    cx: &mut Cx<'_>,
    tag: Option<&Lookup>,
    repo: Option<&Lookup>,
    event: Option<i32>,
) -> Result<Vec<TagRepoRow>> {
    let mut query = query(event).order("tag_external_repos.priority");
    if let Some(tag) = tag {
        query = query.filter("tag.id = ?", lookup::get(cx, "tag", "tag", tag)?.id);
    }
    if let Some(repo) = repo {
        query = query.filter("external_repo.id = ?", super::get::get(cx, repo, event)?.id);
    }
    query.order("tag.id").load(cx.db)
}

/// The external repositories that a tag uses, itself or by inheritance: those of the nearest tag first,
/// each repository once.
pub fn inherited(cx: &mut Cx<'_>, tag: &Lookup, event: Option<i32>) -> Result<Vec<TagRepoRow>> {
    let tag = tag::get::get_row(cx, tag, event)?.id;
    let links = tag::links::ancestors(cx, tag.into(), event)?.links;
    let order: Vec<i64> =
        std::iter::once(i64::from(tag)).chain(links.iter().map(|link| link.edge.parent_id)).collect();
    let rows: Vec<TagRepoRow> = query(event)
        .filter("tag.id IN ?", order.as_slice())
        .order("tag_external_repos.priority")
        .load(cx.db)?;
    Ok(nearest_first(&order, rows))
}

/// Sorts rows, which come by priority, by the order of their tags. Later rows of a repository are dropped.
fn nearest_first(order: &[i64], rows: Vec<TagRepoRow>) -> Vec<TagRepoRow> {
    let mut of_tag: HashMap<i64, Vec<TagRepoRow>> = HashMap::new();
    for row in rows {
        of_tag.entry(row.tag_id.into()).or_default().push(row);
    }
    let mut seen = HashSet::new();
    order
        .iter()
        .filter_map(|tag| of_tag.remove(tag))
        .flatten()
        .filter(|row| seen.insert(row.external_repo_id))
        .collect()
}

fn query(event: Option<i32>) -> Query {
    Query::from("tag_external_repos")
        .join("tag ON tag.id = tag_external_repos.tag_id")
        .join("external_repo ON external_repo.id = tag_external_repos.external_repo_id")
        .join("external_repo_config ON external_repo_config.external_repo_id = external_repo.id")
        .at("tag_external_repos", event)
        .at("external_repo_config", event)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(tag_id: i32, external_repo_id: i32, priority: i32) -> TagRepoRow {
        let (external_repo_name, tag_name, url) = (String::new(), String::new(), String::new());
        let (merge_mode, arches) = ("koji".to_owned(), None);
        TagRepoRow {
            external_repo_id,
            external_repo_name,
            priority,
            tag_id,
            tag_name,
            url,
            merge_mode,
            arches,
        }
    }

    #[test]
    fn the_nearest_tag_decides() {
        let rows = vec![row(9, 1, 1), row(5, 2, 2), row(9, 3, 3), row(5, 1, 4)];
        let found = nearest_first(&[5, 9, 5], rows);
        let found: Vec<(i32, i32)> = found.iter().map(|row| (row.tag_id, row.external_repo_id)).collect();
        assert_eq!(found, [(5, 2), (5, 1), (9, 3)]);
    }
}
