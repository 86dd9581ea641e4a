//! Making tasks. Who may make which is for the caller to check.

use super::place;
use super::state::TaskState;
use crate::context::Cx;
use crate::db::{Insert, Lookup, Query};
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
    let draft = draft(cx, new)?;
    let data = place::data(cx, &draft)?;
    let channel = place::channel(cx, &draft, &data)?;
    let priority = place::priority(cx, &draft, &data)?;
    let request = wire::request_text(&draft.new.method, &draft.new.params)?;
    let state = if draft.new.assign.is_some() { TaskState::Assigned } else { TaskState::Free };
    tell(cx, "preTaskStateChange", &draft, channel, None)?;
    let now = cx.now();
    let id = Insert::into("task")
        .set("state", state.number())
        .set("create_time", now)
        .set("owner", draft.owner)
        .set("method", &draft.new.method)
        .set("request", request)
        .set("priority", priority)
        .set("parent", draft.new.parent)
        .set("label", draft.new.label.as_ref())
        .set("channel_id", channel)
        .set("arch", &draft.arch)
        .set("host_id", draft.new.assign)
        .returning::<i32>(cx.db, "id")?;
    tell(cx, "postTaskStateChange", &draft, channel, Some(id))?;
    if draft.arch == arch::NOARCH {
        tag_arches::refuse(cx, id, channel, &draft.new)?;
    }
    Ok(id)
}

fn draft(cx: &mut Cx<'_>, mut new: NewTask) -> Result<Draft> {
    if let Some(arches) = &new.arch {
        new.arch = Some(arch::normalize(arches, arch::Separators::Strict)?);
    }
    let parent = new.parent.map(|id| parent(cx, id)).transpose()?;
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
    Ok(Draft { new, parent, owner, arch, priority })
}

fn parent(cx: &mut Cx<'_>, id: i64) -> Result<Parent> {
    let row: Option<(i64, i32, i32, Option<i64>, String)> = Query::from("task")
        .filter("id = ?", id)
        .select_first(cx.db, "state, owner, channel_id, priority, arch")?;
    let (state, owner, channel_id, priority, arch) =
        row.ok_or_else(|| Error::generic(format!("Invalid parent task: {id}")))?;
    let parent = Parent { state, owner, channel_id, priority: priority.unwrap_or(DEFAULT_PRIORITY), arch };
    if parent.state != i64::from(TaskState::Open.number()) {
        return Err(Error::generic(format!("Parent task (id {id}) is not open")));
    }
    Ok(parent)
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
