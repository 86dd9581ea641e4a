//! Giving external repositories to tags, and taking them away.

use super::get::ExternalRepoRow;
use super::link::{self, TagRepoRow};
use crate::context::Cx;
use crate::db::{Insert, Query, versioned};
use crate::tag::get::TagRow;
use crate::{Error, Result};

/// How repositories may be merged.
pub const MERGE_MODES: [&str; 3] = ["koji", "simple", "bare"];
/// How they are merged if nothing else is said.
pub const DEFAULT_MERGE_MODE: &str = "koji";

/// How a tag uses an external repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Where it stands among those of the tag: lower is earlier
    pub priority: i32,
    /// How it is merged
    pub merge_mode: String,
    /// The arches it is used for; none means all
    pub arches: Option<String>,
}

/// Changes of how a tag uses an external repository; what is not there stays.
#[derive(Clone, Debug)]
pub struct UsageChange {
    /// Another place
    pub priority: Option<i32>,
    /// Another way to merge
    pub merge_mode: Option<String>,
    /// Other arches
    pub arches: Option<String>,
}

/// Gives an external repository to a tag. Neither it nor its priority may be taken.
pub fn add(cx: &mut Cx<'_>, tag: &TagRow, repo: &ExternalRepoRow, usage: &Usage) -> Result<()> {
    check_mode(&usage.merge_mode)?;
    write(cx, tag, repo, usage)
}

/// Takes an external repository from a tag.
pub fn remove(cx: &mut Cx<'_>, tag: &TagRow, repo: &ExternalRepoRow) -> Result<()> {
    present(cx, tag, repo)?;
    revoke(cx, tag, repo)
}

/// Changes how a tag uses an external repository; whether there was anything to change. What is to change is asked
/// for when the tag is known to use it.
pub fn edit(
    cx: &mut Cx<'_>,
    tag: &TagRow,
    repo: &ExternalRepoRow,
    change: impl FnOnce() -> Result<UsageChange>,
) -> Result<bool> {
    let row = present(cx, tag, repo)?;
    let change = change()?;
    let old = Usage { priority: row.priority, merge_mode: row.merge_mode, arches: row.arches };
    let new = Usage {
        priority: change.priority.unwrap_or(old.priority),
        merge_mode: change.merge_mode.unwrap_or_else(|| old.merge_mode.clone()),
        arches: change.arches.or_else(|| old.arches.clone()),
    };
    if new == old {
        return Ok(false);
    }
    check_mode(&new.merge_mode)?;
    revoke(cx, tag, repo)?;
    write(cx, tag, repo, &new)?;
    Ok(true)
}

/// Refuses an unknown way to merge.
pub fn check_mode(mode: &str) -> Result<()> {
    if MERGE_MODES.contains(&mode) {
        return Ok(());
    }
    Err(Error::generic(format!("No such merge mode: {mode} (modes: {})", MERGE_MODES.join(", "))))
}

/// The link between the two, which must be there.
fn present(cx: &mut Cx<'_>, tag: &TagRow, repo: &ExternalRepoRow) -> Result<TagRepoRow> {
    let found = link::list(cx, Some(&tag.id.into()), Some(&repo.id.into()), None)?;
    found.into_iter().next().ok_or_else(|| {
        Error::generic(format!("external repo {} not associated with tag {}", repo.name, tag.name))
    })
}

fn revoke(cx: &mut Cx<'_>, tag: &TagRow, repo: &ExternalRepoRow) -> Result<()> {
    let condition = "tag_id = ? AND external_repo_id = ?";
    versioned::revoke(cx, "tag_external_repos", condition, (tag.id, repo.id)).map(drop)
}

fn write(cx: &mut Cx<'_>, tag: &TagRow, repo: &ExternalRepoRow, usage: &Usage) -> Result<()> {
    let taken = Query::from("tag_external_repos")
        .filter("tag_id = ? AND (external_repo_id = ? OR priority = ?)", (tag.id, repo.id, usage.priority))
        .at("tag_external_repos", None)
        .select::<i32>(cx.db, "external_repo_id")?;
    if taken.contains(&repo.id) {
        return Err(Error::generic(format!(
            "tag {} already associated with external repo {}",
            tag.name, repo.name
        )));
    }
    if !taken.is_empty() {
        return Err(Error::generic(format!(
            "tag {} already associated with an external repo at priority {}",
            tag.name, usage.priority
        )));
    }
    let row = Insert::into("tag_external_repos")
        .set("tag_id", tag.id)
        .set("external_repo_id", repo.id)
        .set("priority", usage.priority)
        .set("merge_mode", &usage.merge_mode)
        .set("arches", usage.arches.as_deref());
    versioned::create(cx, row)
}
