//! One round of the keeper of repositories: notes changes of tags, asks for repositories, makes their tasks, and
//! gives repositories the states that [`super::decide`] says. What is deleted is taken off the disk after the commit.

use std::collections::{HashMap, HashSet};

use super::decide::{Facts, Lifetimes, decide};
use super::done::{directory, has_custom};
use super::row::{self, RepoRow};
use super::state::{RepoState, next};
use super::{auto, end_events, serve};
use crate::Result;
use crate::build::files::remove;
use crate::buildroot::state::BuildrootState;
use crate::context::Cx;
use crate::db::{Query, Update};
use crate::numbered::Step;
use crate::task::state::TaskState;

/// Does one round; how many repositories changed their state. A hub without a ready host is left as it is: nothing can
/// take the place of what would end, and Koji's hub does none of this unless kojira runs beside it.
pub fn tick(cx: &mut Cx<'_>, lifetimes: &Lifetimes) -> Result<usize> {
    if !serve::has_hosts(cx)? {
        return Ok(0);
    }
    end_events::update(cx)?;
    auto::request_all(cx)?;
    if serve::is_needed(cx)? {
        serve::serve(cx)?;
    }
    keep(cx, lifetimes)
}

/// Expires and deletes repositories; how many changed their state.
pub fn keep(cx: &mut Cx<'_>, lifetimes: &Lifetimes) -> Result<usize> {
    let repos: Vec<RepoRow> =
        row::query().filter("repo.state != ?", RepoState::Deleted.number()).order("repo.id").load(cx.db)?;
    let around = Around::load(cx, &repos)?;
    let now = cx.now();
    let mut wanted: HashMap<RepoState, Vec<i32>> = HashMap::new();
    for repo in &repos {
        let facts = around.facts(repo)?;
        let Some(state) = decide(&facts, lifetimes, now.0) else { continue };
        if next(repo.id.into(), facts.state, state)? == Step::To(state) {
            wanted.entry(state).or_default().push(repo.id);
        }
    }
    let mut changed = 0;
    for (state, ids) in &wanted {
        tracing::info!(%state, ?ids, "repos change their state");
        changed += Update::table("repo")
            .set("state", state.number())
            .set("state_time", now)
            .filter("id IN ?", ids)
            .execute(cx.db)?;
    }
    let deleted = wanted.remove(&RepoState::Deleted).unwrap_or_default();
    for repo in repos.iter().filter(|repo| deleted.contains(&repo.id)) {
        take_away(cx, repo);
    }
    Ok(changed)
}

/// Takes the files of a repository away, and where its directory is a link to another volume, what that leads to.
fn take_away(cx: &mut Cx<'_>, repo: &RepoRow) {
    let dir = directory(cx, repo);
    let is_link = dir.symlink_metadata().is_ok_and(|meta| meta.is_symlink());
    let volumes = cx.env.paths.top().join("vol");
    if repo.dist
        && is_link
        && let Ok(real) = dir.canonicalize()
        && volumes.canonicalize().is_ok_and(|volumes| real.starts_with(volumes))
    {
        remove(cx, &real);
    }
    remove(cx, &dir);
}

/// What decides about repositories beside themselves.
struct Around {
    /// The latest event of a ready one without options of its own, by tag and whether it is for distribution
    latest: HashMap<(i32, bool), i32>,
    /// Tags that targets build with
    targets: HashSet<i32>,
    /// Repositories that buildroots use
    used: HashSet<i32>,
}

impl Around {
    fn load(cx: &mut Cx<'_>, repos: &[RepoRow]) -> Result<Self> {
        let mut latest: HashMap<(i32, bool), i32> = HashMap::new();
        let ready = i32::from(RepoState::Ready.number());
        for repo in repos.iter().filter(|repo| repo.state == ready && (repo.dist || !has_custom(repo))) {
            let event = latest.entry((repo.tag_id, repo.dist)).or_default();
            *event = repo.create_event.max(*event);
        }
        let targets: Vec<i32> = Query::from("build_target_config")
            .filter("active = TRUE", ())
            .distinct()
            .select(cx.db, "build_tag")?;
        let used: Vec<i32> = Query::from("standard_buildroot")
            .filter("retire_event IS NULL AND state != ?", BuildrootState::Expired.number())
            .distinct()
            .select(cx.db, "repo_id")?;
        Ok(Self { latest, targets: targets.into_iter().collect(), used: used.into_iter().collect() })
    }

    fn facts(&self, repo: &RepoRow) -> Result<Facts> {
        let latest = self.latest.get(&(repo.tag_id, repo.dist));
        let task = repo.task_state.map(|state| TaskState::from_number(state.into())).transpose()?;
        Ok(Facts {
            state: RepoState::from_number(repo.state.into())?,
            dist: repo.dist,
            creation_ts: repo.creation_ts,
            state_ts: repo.state_ts,
            current: repo.end_event.is_none(),
            custom: has_custom(repo),
            task,
            latest: latest.is_none_or(|latest| *latest <= repo.create_event),
            target: self.targets.contains(&repo.tag_id),
            used: self.used.contains(&repo.id),
        })
    }
}
