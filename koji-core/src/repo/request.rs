//! Requests for repositories: one that there is, one that is asked for already, or a new place in the queue.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;

use super::find::{self, Event};
use super::opts::{NamedOpts, Unknown};
use super::queue::{self, QueueRow};
use super::row::RepoRow;
use crate::context::Cx;
use crate::db::bind::Each;
use crate::db::{Bind, Insert, Lookup, Query, Time};
use crate::history::event;
use crate::tag::get::{self, When};
use crate::tag::{access, change_events};
use crate::task::make::DEFAULT_PRIORITY;
use crate::task::{Requests, TaskRow};
use crate::wire::Value;
use crate::{Error, Result};

/// What somebody asks for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The tag
    pub tag: Lookup,
    /// The event that the repository may not be older than
    pub min: MinEvent,
    /// The event that it must be of
    pub at: Option<i64>,
    /// Its options, as clients write them
    pub opts: Value,
    /// Its priority: the smaller the sooner, 0 is usual
    pub priority: Option<i64>,
    /// A new one, even if there is one that will do
    pub force: bool,
}

/// The event that a repository may not be older than.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MinEvent {
    /// The tag's last change, or an earlier event if that is recent
    #[default]
    Recent,
    /// The tag's last change
    Last,
    /// This one
    Given(i64),
}

/// The answer to a request.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Answer {
    /// A repository that will do
    pub repo: Option<RepoRow>,
    /// Else the request in the queue
    pub request: Option<QueueRow>,
    /// Whether that was there before
    pub duplicate: bool,
}

/// A request whose parts are known.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub tag_id: i32,
    pub event: Event,
    pub opts: NamedOpts,
    pub priority: i64,
}

/// Asks for a repository.
pub fn request(cx: &mut Cx<'_>, asked: &Asked) -> Result<Answer> {
    cx.require_login()?;
    let tag = get::get(cx, &asked.tag, When::Now)?;
    // two who ask for the same at once are to share a request
    access::hold(cx, &tag.row.id.into())?;
    let opts = NamedOpts::read(&asked.opts, Unknown::Refuse)?;
    if opts.maven == Some(true) && !cx.env.config.flag("EnableMaven") {
        return Err(Error::generic("Maven support not enabled"));
    }
    let event = match (asked.at, asked.min) {
        (Some(at), MinEvent::Recent) => Event::At(known(cx, at)?),
        (Some(_), _) => return Err(Error::parameter("The min_event and at_event options conflict")),
        (None, MinEvent::Given(min)) => Event::Min(known(cx, min)?),
        (None, MinEvent::Last) => Event::Min(last(cx, tag.row.id)?.into()),
        (None, MinEvent::Recent) => {
            let lag = tag.extra.get("repo.lag").and_then(Value::as_int);
            let lag_s = lag.unwrap_or_else(|| cx.env.config.int("RepoLag"));
            let last = last(cx, tag.row.id)?;
            Event::Min(recent(cx, tag.row.id, last, lag_s)?.into())
        }
    };
    let priority = asked.priority.unwrap_or(0);
    if priority < 0 && !cx.has_perm("admin")? {
        return Err(Error::not_allowed("only admins may create high-priority requests"));
    }
    let wanted =
        Wanted { tag_id: tag.row.id, event, opts, priority: DEFAULT_PRIORITY.saturating_add(priority) };
    let ready = if asked.force { Vec::new() } else { find::ready(cx, &[tag.row.id])? };
    let waiting = waiting(cx, &[tag.row.id])?;
    match decide(&wanted, ready, &waiting)? {
        Decision::Repo(repo) => Ok(Answer { repo: Some(*repo), ..Answer::default() }),
        Decision::Duplicate(id) => {
            raise(cx, &waiting, id, wanted.priority)?;
            Ok(Answer { repo: None, request: Some(queue::get(cx, id.into())?), duplicate: true })
        }
        Decision::New => {
            let id = insert(cx, &wanted)?;
            Ok(Answer { repo: None, request: Some(queue::get(cx, id.into())?), duplicate: false })
        }
    }
}

/// An event that there is.
fn known(cx: &mut Cx<'_>, id: i64) -> Result<i64> {
    event::find(cx, id)?
        .map(|event| event.id.into())
        .ok_or_else(|| Error::parameter(format!("Invalid event: {id}")))
}

fn last(cx: &mut Cx<'_>, tag: i32) -> Result<i32> {
    change_events::last(cx, &tag.into(), None)?
        .ok_or_else(|| Error::unforeseen(format!("tag {tag} has no first event")))
}

/// The last event that is at least `lag_s` old, or the tag's last change if that is older still.
fn recent(cx: &mut Cx<'_>, tag: i32, last: i32, lag_s: i64) -> Result<i32> {
    let base = match bases(cx, &BTreeSet::from([lag_s]))?.remove(&lag_s) {
        Some(base) => Some(base),
        None => change_events::first(cx, tag, None)?,
    };
    Ok(base.map_or(last, |base| base.min(last)))
}

/// The last event that is at least so old, for each of some lags in seconds; only a new hub has none.
///
/// The times are rounded down to the option `RepoLagWindow`, so that requests that are close in time are alike.
pub(super) fn bases(cx: &mut Cx<'_>, lags_s: &BTreeSet<i64>) -> Result<HashMap<i64, i32>> {
    if lags_s.is_empty() {
        return Ok(HashMap::new());
    }
    let window_s = (cx.env.config.int("RepoLagWindow").max(1)) as f64;
    let now_s = cx.now().0;
    let last = "SELECT id FROM events WHERE events.time < ? ORDER BY events.id DESC LIMIT 1";
    let parts = vec![format!("SELECT CAST(? AS bigint) AS lag_s, ({last}) AS id"); lags_s.len()];
    let binds = lags_s.iter().flat_map(|lag_s| {
        let before_s = ((now_s - *lag_s as f64) / window_s).floor() * window_s;
        [Bind::from(*lag_s), Time(before_s).into()]
    });
    let query = Query::from_with(&format!("({}) AS bases", parts.join(" UNION ALL ")), Each(binds.collect()));
    let rows: Vec<(i64, i32)> = query.filter("id IS NOT NULL", ()).select(cx.db, "lag_s, id")?;
    Ok(rows.into_iter().collect())
}

/// The requests of some tags that still wait, in the order of the queue.
pub(super) fn waiting(cx: &mut Cx<'_>, tags: &[i32]) -> Result<Vec<QueueRow>> {
    queue::query().filter("repo_queue.active = TRUE AND repo_queue.tag_id IN ?", tags).load(cx.db)
}

/// What to do about a request.
#[derive(Clone, Debug)]
pub(super) enum Decision {
    /// There is a repository
    Repo(Box<RepoRow>),
    /// It is asked for already
    Duplicate(i32),
    /// It goes into the queue
    New,
}

/// Decides over the ready repositories and the waiting requests of the tag.
pub(super) fn decide(wanted: &Wanted, ready: Vec<RepoRow>, waiting: &[QueueRow]) -> Result<Decision> {
    if let Some(repo) = find::pick(ready, wanted.event, &wanted.opts)? {
        return Ok(Decision::Repo(Box::new(repo)));
    }
    for request in waiting.iter().filter(|request| request.tag_id == wanted.tag_id) {
        let covers = match wanted.event {
            Event::At(at) => request.at_event.map(i64::from) == Some(at),
            Event::Min(min) => request.min_event.is_some_and(|event| i64::from(event) >= min),
            Event::Any => true,
        };
        if covers && request.named_opts()? == wanted.opts {
            return Ok(Decision::Duplicate(request.id));
        }
    }
    Ok(Decision::New)
}

/// A request that is made again with a higher priority moves forward.
fn raise(cx: &mut Cx<'_>, waiting: &[QueueRow], id: i32, priority: i64) -> Result<()> {
    match waiting.iter().find(|request| request.id == id) {
        Some(request) if i64::from(request.priority) > priority => {
            queue::set_priority(cx, id.into(), priority)
        }
        _ => Ok(()),
    }
}

fn insert(cx: &mut Cx<'_>, wanted: &Wanted) -> Result<i32> {
    let (owner, now) = (cx.user_id()?, cx.now());
    let (at, min) = match wanted.event {
        Event::At(at) => (Some(at), None),
        Event::Min(min) => (None, Some(min)),
        Event::Any => (None, None),
    };
    Insert::into("repo_queue")
        .set("create_time", now)
        .set("update_time", now)
        .set("owner", owner)
        .set("priority", wanted.priority)
        .set("tag_id", wanted.tag_id)
        .set("at_event", at)
        .set("min_event", min)
        .set("opts", Bind::Json(serde_json::to_string(&wanted.opts)?))
        .returning(cx.db, "id")
}

/// Puts many requests for the oldest event that will do into the queue at once.
pub(super) fn insert_many(cx: &mut Cx<'_>, wanted: &[Wanted]) -> Result<()> {
    if wanted.is_empty() {
        return Ok(());
    }
    let (owner, now) = (cx.user_id()?, cx.now());
    let row = |wanted: &Wanted| -> Result<Vec<Bind>> {
        let (at, min): (Bind, Bind) = match wanted.event {
            Event::At(at) => (at.into(), Bind::Null),
            Event::Min(min) => (Bind::Null, min.into()),
            Event::Any => (Bind::Null, Bind::Null),
        };
        let opts = Bind::Json(serde_json::to_string(&wanted.opts)?);
        Ok(vec![
            now.into(),
            now.into(),
            owner.into(),
            wanted.priority.into(),
            wanted.tag_id.into(),
            at,
            min,
            opts,
        ])
    };
    let columns =
        ["create_time", "update_time", "owner", "priority", "tag_id", "at_event", "min_event", "opts"];
    let rows = wanted.iter().map(row).collect::<Result<_>>()?;
    Insert::many(cx.db, "repo_queue", &columns, rows)
}

/// How a request stands.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// The repository that came of it
    pub repo: Option<RepoRow>,
    /// The request
    pub request: QueueRow,
    /// The task that makes the repository, while there is none
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskRow>,
}

/// How a request stands.
pub fn status(cx: &mut Cx<'_>, id: i64) -> Result<Status> {
    let request = queue::get(cx, id)?;
    let repo = match request.repo_id {
        Some(repo) => super::row::find(cx, repo.into())?,
        None => None,
    };
    let task = match (request.repo_id, request.task_id) {
        (None, Some(task)) => Some(crate::task::row::get(cx, task.into(), Requests::Omit)?.task),
        _ => None,
    };
    Ok(Status { repo, request, task })
}
