//! Directories of repositories that nobody needs any more: left behind by a process that was killed before it had
//! removed them, or by calls that failed.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::state::RepoState;
use crate::Result;
use crate::build::files::remove_now;
use crate::context::Cx;
use crate::db::Query;

/// A directory that is named as one of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Found {
    repo_id: i64,
    path: PathBuf,
}

/// Finds directories of deleted and of unknown repositories that nobody touched for a while; they are removed after
/// the commit. How many there are.
pub fn prune(cx: &mut Cx<'_>, untouched: Duration) -> Result<usize> {
    let top = cx.env.paths.top().to_owned();
    let mut found = listed(&top.join("repos"), untouched);
    found.extend(listed(&top.join("repos-dist"), untouched));
    let ids: Vec<i64> = found.iter().map(|dir| dir.repo_id).collect();
    let states: HashMap<i64, i64> = Query::from("repo")
        .filter("id IN ?", ids)
        .select::<(i64, i64)>(cx.db, "id, state")?
        .into_iter()
        .collect();
    let deleted = i64::from(RepoState::Deleted.number());
    found.retain(|dir| states.get(&dir.repo_id).is_none_or(|state| *state == deleted));
    let count = found.len();
    if count > 0 {
        cx.after_commit(move |_| found.iter().for_each(take_away));
    }
    Ok(count)
}

fn take_away(dir: &Found) {
    match remove_now(&dir.path) {
        Ok(()) => tracing::info!(dir = %dir.path.display(), "removed the directory of a repo that is gone"),
        Err(error) => tracing::warn!(%error, "could not remove the directory of a repo that is gone"),
    }
}

/// The directories `TAG/ID` below a directory that have not changed for a while. What can't be read is passed over.
fn listed(dir: &Path, untouched: Duration) -> Vec<Found> {
    let entries = |dir: &Path| std::fs::read_dir(dir).into_iter().flatten().flatten();
    let mut found = Vec::new();
    for tag in entries(dir) {
        for repo in entries(&tag.path()) {
            let Some(repo_id) = repo.file_name().to_str().and_then(|name| name.parse().ok()) else {
                continue;
            };
            // of a link to another volume, the link itself
            let modified = repo.metadata().and_then(|meta| meta.modified()).unwrap_or(SystemTime::now());
            if modified.elapsed().is_ok_and(|age| age >= untouched) {
                found.push(Found { repo_id, path: repo.path() });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_are_repositories() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["f40/7", "f40/cache", "f40/latest", "f41/8"] {
            std::fs::create_dir_all(dir.path().join(name)).unwrap();
        }
        let mut ids: Vec<i64> = listed(dir.path(), Duration::ZERO).iter().map(|dir| dir.repo_id).collect();
        ids.sort_unstable();
        assert_eq!(ids, [7, 8]);
        assert!(listed(dir.path(), Duration::from_secs(3600)).is_empty());
        assert!(listed(&dir.path().join("none"), Duration::ZERO).is_empty());
    }
}
