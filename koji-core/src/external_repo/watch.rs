//! Watching external repositories: a tag changes when the content of one of them does, and only their servers know.
//!
//! What is watched and what is noted is here; reading the `repomd.xml`s is the caller's, outside of any transaction.

use std::collections::HashMap;

use crate::Result;
use crate::context::Cx;
use crate::db::{Bind, Query, versioned};
use crate::host::list::all_arches;

crate::row! {
    /// An external repository that tags use.
    pub struct Watched {
        /// Its id
        pub id: i32 = "external_repo.id",
        /// Where it is
        pub url: String = "external_repo_config.url",
        /// What is known of it so far
        pub data: Option<serde_json::Value> = "external_repo_data.data",
    }
}

/// What is to be looked at in one round.
#[derive(Clone, Debug, Default)]
pub struct Round {
    /// The repositories that tags use
    pub repos: Vec<Watched>,
    /// What `$arch` in their URLs stands for
    pub arches: Vec<String>,
}

/// A repository whose content is newer than what was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Newer {
    /// The repository
    pub id: i32,
    /// The time of its newest file, in seconds since the epoch
    pub max_ts: i64,
}

/// What there is to look at.
pub fn round(cx: &mut Cx<'_>) -> Result<Round> {
    let repos = Query::from("external_repo")
        .join("external_repo_config ON external_repo_config.external_repo_id = external_repo.id")
        .left_join(
            "external_repo_data ON external_repo_data.external_repo_id = external_repo.id \
             AND external_repo_data.active = TRUE",
        )
        .filter("external_repo_config.active = TRUE", ())
        .filter(
            "EXISTS (SELECT 1 FROM tag_external_repos WHERE tag_external_repos.active = TRUE \
             AND tag_external_repos.external_repo_id = external_repo.id)",
            (),
        )
        .order("external_repo.id")
        .load(cx.db)?;
    Ok(Round { repos, arches: all_arches(cx)? })
}

/// Looks at each URL once. `newest` tells the time of the newest file that a `repomd.xml` lists, if it can be read; a
/// repository of which none can be is as good as unchanged.
pub fn newer(round: &Round, mut newest: impl FnMut(&str) -> Option<i64>) -> Vec<Newer> {
    let mut seen: HashMap<String, Option<i64>> = HashMap::new();
    let mut found = Vec::new();
    for repo in &round.repos {
        let urls = urls(&repo.url, &round.arches).into_iter();
        let newest = urls.filter_map(|url| *seen.entry(url).or_insert_with_key(|url| newest(url))).max();
        let known = repo.data.as_ref().and_then(|data| data.get("max_ts")?.as_i64()).unwrap_or(0);
        match newest {
            Some(max_ts) if max_ts > known => found.push(Newer { id: repo.id, max_ts }),
            Some(_) => {}
            None => tracing::warn!(repo = repo.id, url = repo.url, "an external repo cannot be read"),
        }
    }
    found
}

/// The URLs of a repository's metadata, one for each arch if its URL has `$arch`.
fn urls(url: &str, arches: &[String]) -> Vec<String> {
    let full = |url: &str| format!("{}/repodata/repomd.xml", url.trim_end_matches('/'));
    if url.contains("$arch") {
        arches.iter().map(|arch| full(&url.replace("$arch", arch))).collect()
    } else {
        vec![full(url)]
    }
}

/// Notes what is newer, as `repo.setExternalRepoData` does, all at one event.
pub fn note(cx: &mut Cx<'_>, newer: &[Newer]) -> Result<()> {
    let ids: Vec<i32> = newer.iter().map(|newer| newer.id).collect();
    versioned::revoke(cx, "external_repo_data", "external_repo_id IN ?", ids)?;
    let rows = newer.iter().map(|newer| {
        let data = serde_json::json!({ "max_ts": newer.max_ts });
        vec![newer.id.into(), Bind::Json(data.to_string())]
    });
    versioned::create_many(cx, "external_repo_data", &["external_repo_id", "data"], rows.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_url_is_read_once_and_the_newest_counts() {
        let repo = |id: i32, url: &str, known: Option<i64>| Watched {
            id,
            url: url.to_owned(),
            data: known.map(|known| serde_json::json!({ "max_ts": known })),
        };
        let round = Round {
            repos: vec![
                repo(1, "http://a/$arch/", None),
                repo(2, "http://a/x86_64", Some(4)),
                repo(3, "http://a/x86_64", Some(5)),
                repo(4, "http://gone", Some(1)),
            ],
            arches: vec!["x86_64".to_owned(), "s390x".to_owned()],
        };
        let mut read = Vec::new();
        let found = newer(&round, |url| {
            read.push(url.to_owned());
            let times =
                [("http://a/x86_64/repodata/repomd.xml", 5), ("http://a/s390x/repodata/repomd.xml", 3)];
            times.iter().find(|(known, _)| *known == url).map(|(_, time)| *time)
        });
        assert_eq!(found, [Newer { id: 1, max_ts: 5 }, Newer { id: 2, max_ts: 5 }]);
        assert_eq!(read.len(), 3, "{read:?}");
    }
}
