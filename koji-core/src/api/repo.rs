//! Methods about repositories of tags.

use super::args::expected;
use super::cast::{CheckedBool, EventId, IntLike, checked};
use super::later::Later;
use crate::api::Arg;
use crate::db::view::{Ask, Found};
use crate::db::{Lookup, QueryOpts};
use crate::methods;
use crate::repo::dist::{self, NewDist};
use crate::repo::find::{self, Event, Newest};
use crate::repo::init::{self, Init};
use crate::repo::make_task::{self, NewRepo};
use crate::repo::opts::{NamedOpts, Unknown};
use crate::repo::queue::{self, QueueRow};
use crate::repo::request::{self, Answer, Asked, MinEvent, Status};
use crate::repo::row::{self, Reference};
use crate::repo::state::RepoState;
use crate::repo::{ActiveRepo, RepoRow, auto, dist_move, done, end_events, external, serve};
use crate::wire::{Map, Value};
use crate::{Error, Result};

fn int(value: Option<IntLike>) -> Option<i64> {
    value.map(|value| value.0)
}

/// The repositories of a tag that was deleted can still be asked for.
fn tag_id(cx: &mut crate::context::Cx<'_>, tag: &Lookup) -> Result<i32> {
    Ok(crate::db::lookup::get(cx, "tag", "tag", tag)?.id)
}

fn state(value: &Value) -> Result<RepoState> {
    let number = value.as_int().ok_or_else(|| expected("the number of a state", value))?;
    RepoState::from_number(number).map_err(|error| Error::parameter(error.message))
}

fn set_state(cx: &mut crate::context::Cx<'_>, repo: IntLike, state: RepoState) -> Result<()> {
    row::set_state(cx, repo.0, state).map(drop)
}

methods! {
    /// A repository by its id.
    read Anyone => RepoInfo "repoInfo" (repo_id: Option<IntLike>, strict: bool = false) -> Option<RepoRow>
        = |m, cx| match (m.repo_id, m.strict) {
            (Some(id), true) => row::get(cx, id.0).map(Some),
            (Some(id), false) => row::find(cx, id.0),
            (None, true) => Err(Error::generic("No such repo: None")),
            (None, false) => Ok(None),
        };

    /// The newest repository of a tag in a state (ready), or at or before an event.
    read Anyone => GetRepo "getRepo" (
        tag: Lookup, state: Option<Later<IntLike>> = None, event: Option<Later<IntLike>> = None,
        dist: Later<CheckedBool> = CheckedBool(false).into(),
        min_event: Option<Later<IntLike>> = None,
    ) -> Option<RepoRow> = |m, cx| {
        let tag = tag_id(cx, &m.tag)?;
        let read = |name, value: Option<Later<IntLike>>| value.map(|value| value.read(name)).transpose().map(int);
        let (state, event) = (read("state", m.state)?, read("event", m.event)?);
        let min_event = read("min_event", m.min_event)?;
        find::newest(cx, tag, Newest { state, event, min_event, dist: m.dist.read("dist")?.0 })
    };

    /// All repositories that are not deleted.
    read Anyone => GetActiveRepos "getActiveRepos" () -> Vec<ActiveRepo> = |_m, cx| row::active(cx);

    /// The latest ready repository of a tag with these options, at an event or no older than one.
    read Anyone => RepoGet "repo.get" (
        tag: Lookup, min_event: Option<IntLike> = None, at_event: Option<IntLike> = None, opts: Value = Value::Nil,
    ) -> Option<RepoRow> = |m, cx| {
        let tag = tag_id(cx, &m.tag)?;
        let opts = NamedOpts::read(&m.opts, Unknown::Refuse)?;
        let event = match (m.at_event, m.min_event) {
            (Some(at), _) => Event::At(at.0),
            (None, Some(min)) => Event::Min(min.0),
            (None, None) => Event::Any,
        };
        find::best(cx, tag, event, &opts)
    };

    /// Asks for a repository: one that will do, or else a request in the queue. `priority` is relative: the
    /// smaller the sooner. `min_event` may be `last`, the tag's last change.
    write User => RepoRequest "repo.request" (
        tag: Lookup, min_event: MinEvent = MinEvent::Recent, at_event: Option<IntLike> = None,
        opts: Value = Value::Nil, priority: Option<IntLike> = None, force: bool = false,
    ) -> Answer = |m, cx| {
        let (at, priority) = (int(m.at_event), int(m.priority));
        let asked = Asked { tag: m.tag, min: m.min_event, at, opts: m.opts, priority, force: m.force };
        request::request(cx, &asked)
    };

    /// How a request stands: the repository, or the task that makes it.
    read Anyone => RepoCheckRequest "repo.checkRequest" (req_id: IntLike) -> Status
        = |m, cx| request::status(cx, m.req_id.0);

    /// Changes the priority of a request; the smallest number goes first.
    write Perm("admin") => RepoSetRequestPriority "repo.setRequestPriority" (req_id: IntLike, priority: IntLike) -> ()
        = |m, cx| queue::set_priority(cx, m.req_id.0, m.priority.0);

    /// Repositories by conditions: `[field, value]` or `[field, operator, value]` each.
    read Anyone => RepoQuery "repo.query" (clauses: Value, fields: Value = Value::Nil, opts: QueryOpts = QueryOpts::default())
        -> Found<RepoRow>
        = |m, cx| row::VIEW.answer(cx, &Ask { clauses: m.clauses, fields: m.fields, opts: m.opts });

    /// Requests for repositories by conditions.
    read Anyone => RepoQueryQueue "repo.queryQueue" (
        clauses: Value = Value::Nil, fields: Value = Value::Nil, opts: QueryOpts = QueryOpts::default(),
    ) -> Found<QueueRow> = |m, cx| queue::VIEW.answer(cx, &Ask { clauses: m.clauses, fields: m.fields, opts: m.opts });

    /// The buildroots that use a repository.
    read Anyone => RepoReferences "repo.references" (repo_id: Option<i64>) -> Vec<Reference>
        = |m, cx| m.repo_id.map_or(Ok(Vec::new()), |id| row::references(cx, id));

    /// Gives a repository another state.
    write Perm("repo") => RepoSetState "repo.setState" (repo_id: IntLike, state: Value) -> ()
        = |m, cx| set_state(cx, m.repo_id, state(&m.state)?);

    /// What is known of how new an external repository is.
    read Anyone => RepoGetExternalRepoData "repo.getExternalRepoData" (erepo: Lookup) -> Option<serde_json::Value>
        = |m, cx| external::data(cx, &m.erepo);

    /// Notes how new an external repository is.
    write Perm("repo") => RepoSetExternalRepoData "repo.setExternalRepoData" (external_repo_id: Lookup, #[checked] data: Pairs) -> ()
        = |m, cx| external::set_data(cx, &m.external_repo_id, m.data.0);

    /// Asks for repositories for the tags that want them unasked.
    write Perm("repo") => RepoAutoRequests "repo.autoRequests" () -> ()
        = |_m, cx| auto::request_all(cx).map(drop);

    /// Deals with the queue of requests.
    write Perm("repo") => RepoCheckQueue "repo.checkQueue" () -> () = |_m, cx| serve::serve(cx).map(drop);

    /// Notes which ready repositories are no longer current.
    write Perm("repo") => RepoUpdateEndEvents "repo.updateEndEvents" () -> ()
        = |_m, cx| end_events::update(cx).map(drop);

    /// Makes a task that makes a repository; the task's id.
    write Inside("the permission repo or regen-repo") => NewRepoTask "newRepo" (
        tag: Value, event: Option<EventId> = None, src: bool = false, debuginfo: bool = false, separate_src: bool = false,
    ) -> i32 = |m, cx| {
        let (src, debuginfo, separate_src) = (Some(m.src), Some(m.debuginfo), Some(m.separate_src));
        let opts = NamedOpts { src, debuginfo, separate_src, maven: None };
        make_task::by_hand(cx, &NewRepo { tag: m.tag, event: m.event.map(Into::into), opts })
    };

    /// Marks a repository expired.
    write Perm("repo") => RepoExpire "repoExpire" (repo_id: IntLike) -> ()
        = |m, cx| set_state(cx, m.repo_id, RepoState::Expired);

    /// Marks a repository deleted unless buildroots use it; how many do.
    write Perm("repo") => RepoDelete "repoDelete" (repo_id: IntLike) -> usize
        = |m, cx| row::delete(cx, m.repo_id.0);

    /// Marks a repository broken.
    write Perm("repo") => RepoProblem "repoProblem" (repo_id: IntLike) -> ()
        = |m, cx| set_state(cx, m.repo_id, RepoState::Problem);

    /// Makes a task that makes a repository for distribution; the task's id.
    write Inside("the permission dist-repo or the policy dist_repo") => DistRepo "distRepo" (
        tag: Value, #[checked] keys: Vec<Value>; kwargs task_opts
    ) -> i32 = |m, cx| dist::request(cx, NewDist { tag: m.tag, keys: m.keys, opts: m.task_opts });

    /// Begins a repository: its entry, its directory and the lists of its packages. Its id and event.
    write Host => HostRepoInit "host.repoInit" (
        tag: Lookup, task_id: Option<IntLike> = None, event: Option<IntLike> = None, opts: Value = Value::Nil,
    ) -> (i32, i32) = |m, cx| {
        init::init(cx, &Init { tag: m.tag, task_id: int(m.task_id), event: int(m.event), opts: m.opts })
    };

    /// Ends the making of a repository: `data` names the uploaded metadata of each arch.
    write Host => HostRepoDone "host.repoDone" (
        repo_id: IntLike, #[checked] data: Map, expire: bool = false, repo_json_updates: Option<Map> = None,
    ) -> () = |m, cx| {
        let (json, repo_id) = (m.repo_json_updates.unwrap_or_default(), m.repo_id.0);
        done::done(cx, &done::Done { repo_id, data: m.data, expire: m.expire, json })
    };

    /// Moves the uploaded files of one arch into a repository for distribution.
    write Host => HostDistRepoMove "host.distRepoMove" (repo_id: IntLike, uploadpath: String, arch: String) -> ()
        = |m, cx| dist_move::take(cx, m.repo_id.0, &m.uploadpath, &m.arch);
}

/// What Python makes a dict of: a struct, or nothing at all.
#[derive(Clone, Debug, PartialEq)]
pub struct Pairs(pub Map);

impl Arg for Pairs {
    fn take(value: Value) -> Result<Self> {
        match value {
            Value::Array(items) if items.is_empty() => Ok(Self(Map::new())),
            Value::String(text) if text.is_empty() => Ok(Self(Map::new())),
            other => Map::take(other).map(Self),
        }
    }
    fn give(&self) -> Value {
        Value::Struct(self.0.clone())
    }
}

impl Arg for MinEvent {
    fn take(value: Value) -> Result<Self> {
        match &value {
            Value::Nil => Ok(Self::Recent),
            Value::String(text) if text == "last" => Ok(Self::Last),
            Value::String(_) | Value::Int(_) | Value::Double(_) => {
                IntLike::take(value).map(|event| Self::Given(event.0))
            }
            other => Err(checked(expected("an event's id or `last`", other))),
        }
    }
    fn give(&self) -> Value {
        match self {
            Self::Recent => Value::Nil,
            Self::Last => "last".into(),
            Self::Given(event) => Value::Int(*event),
        }
    }
}
