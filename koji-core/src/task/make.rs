//! Making tasks. Who may make which is for the caller to check.

use std::collections::HashMap;

use super::place::{self, Channels};
use super::state::TaskState;
use crate::context::Cx;
use crate::db::{Bind, Insert, Lookup, Query, write};
use crate::scheduler::tag_arches;
use crate::wire::{self, Map, Value};
use crate::{Error, Result, arch, plugin};

/// The priority of a task that asks for none; the smallest goes first.
pub const DEFAULT_PRIORITY: i64 = 20;

/// A task to be.
#[derive(Clone, Debug, Default)]
pub struct NewTask {
    /// What a builder is to do
    pub method: String,
    /// With which arguments
    pub params: Vec<Value>,
    /// The open task that it is a part of
    pub parent: Option<i64>,
    /// What tells it from the other parts of its parent; top-level tasks have none.
    pub label: Option<String>,
    /// Who owns it: the parent's owner, or the caller, if nobody is named.
    pub owner: Option<i32>,
    /// The channel that is asked for; the policy `channel` decides.
    pub channel: Option<Lookup>,
    /// The arch it needs: the parent's, or `noarch`
    pub arch: Option<String>,
    /// Its priority: one less than the parent's, or 20
    pub priority: Option<i64>,
    /// The host that is to do it, without the scheduler
    pub assign: Option<i32>,
}

impl NewTask {
    /// A task of a method.
    pub fn new(method: impl Into<String>, params: Vec<Value>) -> Self {
        Self { method: method.into(), params, ..Self::default() }
    }
}

/// What a part takes over from its parent.
#[derive(Clone, Debug)]
pub(super) struct Parent {
    state: i64,
    owner: i32,
    /// Its channel
    pub channel_id: i32,
    priority: i64,
    arch: String,
}

/// What is known of a task before it is there: what the policies look at and what is stored.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// The task to be
    pub new: NewTask,
    /// Its id, if that has been taken already
    pub id: Option<i32>,
    /// Its parent
    pub parent: Option<Parent>,
    /// Its owner
    pub owner: i32,
    /// Its arch
    pub arch: String,
    /// Its priority, before the policy
    pub priority: i64,
}

/// Makes a task; its id.
pub fn make(cx: &mut Cx<'_>, new: NewTask) -> Result<i32> {
    let id = make_many(cx, vec![new])?.pop();
    id.ok_or_else(|| Error::unforeseen("no task was made"))
}

/// Makes tasks; their ids, in order.
pub fn make_many(cx: &mut Cx<'_>, new: Vec<NewTask>) -> Result<Vec<i32>> {
    insert(cx, new.into_iter().map(|new| (None, new)).collect())
}

/// Takes ids for tasks that name each other in their requests.
pub fn reserve(cx: &mut Cx<'_>, count: usize) -> Result<Vec<i32>> {
    write::reserve(cx.db, "task", count)
}

/// Makes tasks that have their ids already.
pub fn make_reserved(cx: &mut Cx<'_>, new: Vec<(i32, NewTask)>) -> Result<Vec<i32>> {
    insert(cx, new.into_iter().map(|(id, new)| (Some(id), new)).collect())
}

fn insert(cx: &mut Cx<'_>, new: Vec<(Option<i32>, NewTask)>) -> Result<Vec<i32>> {
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let drafts = drafts(cx, new)?;
    let mut channels = Channels::default();
    for draft in &drafts {
        channels.requested(cx, draft)?;
    }
    let mut placed = Vec::with_capacity(drafts.len());
    for (draft, data) in drafts.iter().zip(place::data(cx, &drafts)?) {
        placed.push((draft, channels.of(cx, draft, &data)?, place::priority(cx, draft, &data)?));
    }
    for (draft, channel, _) in &placed {
        tell(cx, "preTaskStateChange", draft, *channel, None)?;
    }
    let mut columns = vec![
        "state",
        "create_time",
        "owner",
        "method",
        "request",
        "priority",
        "parent",
        "label",
        "channel_id",
        "arch",
        "host_id",
    ];
    columns.extend(drafts.iter().any(|draft| draft.id.is_some()).then_some("id"));
    let now = cx.now();
    let rows = placed.iter().map(|(draft, channel, priority)| {
        let new = &draft.new;
        let state = if new.assign.is_some() { TaskState::Assigned } else { TaskState::Free };
        let mut row: Vec<Bind> = vec![
            state.number().into(),
            now.into(),
            draft.owner.into(),
            (&new.method).into(),
            wire::request_text(&new.method, &new.params)?.into(),
            (*priority).into(),
            new.parent.into(),
            new.label.as_ref().into(),
            (*channel).into(),
            (&draft.arch).into(),
            new.assign.into(),
        ];
        row.extend(draft.id.map(Bind::from));
        Ok(row)
    });
    let rows = rows.collect::<Result<_>>()?;
    let ids = Insert::many_returning(cx.db, "task", &columns, rows)?;
    for ((draft, channel, _), id) in placed.iter().zip(&ids) {
        tell(cx, "postTaskStateChange", draft, *channel, Some(*id))?;
        if draft.arch == arch::NOARCH {
            tag_arches::refuse(cx, *id, *channel, &draft.new)?;
        }
    }
    Ok(ids)
}

fn drafts(cx: &mut Cx<'_>, new: Vec<(Option<i32>, NewTask)>) -> Result<Vec<Draft>> {
    let parents = parents(cx, new.iter().filter_map(|(_, new)| new.parent).collect())?;
    new.into_iter().map(|(id, new)| draft(cx, id, new, &parents)).collect()
}

fn draft(cx: &Cx<'_>, id: Option<i32>, mut new: NewTask, parents: &HashMap<i64, Parent>) -> Result<Draft> {
    if let Some(arches) = &new.arch {
        new.arch = Some(arch::normalize(arches, arch::Separators::Strict)?);
    }
    let parent = new.parent.map(|id| open_parent(parents, id)).transpose()?;
    if parent.is_none() {
        new.label = None;
    }
    let owner = match (new.owner, &parent) {
        (Some(owner), _) => owner,
        (None, Some(parent)) => parent.owner,
        (None, None) => cx.user_id().map_err(|_| Error::generic("task must have an owner"))?,
    };
    let inherited = parent.as_ref().map(|parent| (parent.priority - 1, parent.arch.clone()));
    let (priority, arch) = inherited.unwrap_or_else(|| (DEFAULT_PRIORITY, arch::NOARCH.to_owned()));
    let priority = new.priority.unwrap_or(priority);
    let arch = new.arch.clone().unwrap_or(arch);
    Ok(Draft { new, id, parent, owner, arch, priority })
}

fn open_parent(parents: &HashMap<i64, Parent>, id: i64) -> Result<Parent> {
    let parent = parents.get(&id).ok_or_else(|| Error::generic(format!("Invalid parent task: {id}")))?;
    if parent.state != i64::from(TaskState::Open.number()) {
        return Err(Error::generic(format!("Parent task (id {id}) is not open")));
    }
    Ok(parent.clone())
}

fn parents(cx: &mut Cx<'_>, ids: Vec<i64>) -> Result<HashMap<i64, Parent>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(i64, i64, i32, i32, Option<i64>, String)> = Query::from("task")
        .filter("id IN ?", ids)
        .select(cx.db, "id, state, owner, channel_id, priority, arch")?;
    let parent = |(id, state, owner, channel_id, priority, arch): (_, _, _, _, Option<i64>, _)| {
        (id, Parent { state, owner, channel_id, priority: priority.unwrap_or(DEFAULT_PRIORITY), arch })
    };
    Ok(rows.into_iter().map(parent).collect())
}

fn tell(cx: &mut Cx<'_>, point: &str, draft: &Draft, channel: i32, id: Option<i32>) -> Result<()> {
    plugin::run(cx, point, |_| {
        let mut info: Map = vec![
            ("method".into(), draft.new.method.as_str().into()),
            ("request".into(), Value::Array(draft.new.params.clone())),
            ("state".into(), i32::from(TaskState::Free.number()).into()),
            ("owner".into(), draft.owner.into()),
            ("parent".into(), draft.new.parent.into()),
            ("label".into(), draft.new.label.clone().into()),
            ("channel_id".into(), channel.into()),
            ("arch".into(), draft.arch.as_str().into()),
            ("priority".into(), draft.priority.into()),
        ];
        info.extend(id.map(|id| ("id".to_owned(), id.into())));
        Ok(vec![
            ("attribute".into(), "state".into()),
            ("old".into(), Value::Nil),
            ("new".into(), TaskState::Free.name().into()),
            ("info".into(), Value::Struct(info)),
        ])
    })
}
