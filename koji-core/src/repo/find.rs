//! The repository of a tag that suits a caller.

use super::opts::NamedOpts;
use super::row::{RepoRow, query};
use super::state::RepoState;
use crate::Result;
use crate::context::Cx;

/// What `getRepo` asks for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Newest {
    /// Of this state; ready, if nothing is said. Does not matter if `event` is there.
    pub state: Option<i64>,
    /// Made at this event or before it, whatever became of the repository since
    pub event: Option<i64>,
    /// Made at this event or later
    pub min_event: Option<i64>,
    /// One for distribution
    pub dist: bool,
}

/// The newest repository of a tag, whatever its options.
pub fn newest(cx: &mut Cx<'_>, tag: i32, wanted: Newest) -> Result<Option<RepoRow>> {
    let event = wanted.event.filter(|event| *event != 0);
    let state = wanted.state.unwrap_or_else(|| RepoState::Ready.number().into());
    query()
        .filter("repo.tag_id = ? AND repo.dist = ?", (tag, wanted.dist))
        .filter_some("repo.create_event <= ?", event)
        .filter_some("repo.state = ?", event.is_none().then_some(state))
        .filter_some("repo.create_event >= ?", wanted.min_event)
        .order_desc("repo.creation_time")
        .order_desc("repo.id")
        .limit(1)
        .first(cx.db)
}

/// Which events a repository may be of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Any
    Any,
    /// Exactly this one
    At(i64),
    /// This one or a later one
    Min(i64),
}

impl Event {
    /// Whether it may be this one.
    pub fn admits(self, event: i32) -> bool {
        match self {
            Self::Any => true,
            Self::At(at) => i64::from(event) == at,
            Self::Min(min) => i64::from(event) >= min,
        }
    }
}

/// Whether a ready repository will do.
pub fn suits(repo: &RepoRow, event: Event, opts: &NamedOpts) -> Result<bool> {
    let (Some(has), Some(custom)) = (&repo.opts, &repo.custom_opts) else { return Ok(false) };
    let (has, custom) = (serde_json::from_value(has.clone())?, serde_json::from_value(custom.clone())?);
    Ok(event.admits(repo.create_event) && opts.fit(&has, &custom))
}

/// The ready build repositories of some tags, the latest event first.
pub fn ready(cx: &mut Cx<'_>, tags: &[i32]) -> Result<Vec<RepoRow>> {
    query()
        .filter("repo.tag_id IN ? AND repo.dist = FALSE", tags)
        .filter("repo.state = ?", RepoState::Ready.number())
        .order_desc("repo.create_event")
        .order_desc("repo.id")
        .load(cx.db)
}

/// The latest ready repository of a tag that has the options asked for and none that were not.
pub fn best(cx: &mut Cx<'_>, tag: i32, event: Event, opts: &NamedOpts) -> Result<Option<RepoRow>> {
    pick(ready(cx, &[tag])?, event, opts)
}

/// The first of a list that will do.
pub fn pick(ready: Vec<RepoRow>, event: Event, opts: &NamedOpts) -> Result<Option<RepoRow>> {
    for repo in ready {
        if suits(&repo, event, opts)? {
            return Ok(Some(repo));
        }
    }
    Ok(None)
}
