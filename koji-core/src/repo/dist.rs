//! Repositories for distribution: asked for by users, filled by builders, signed as the keys say.

use std::path::Path;

use super::files::{self, make_dir};
use super::make_task::{CHANNEL, PRIORITY};
use super::state::RepoState;
use crate::api::Arg as _;
use crate::api::cast::{IntLike, Iterated};
use crate::context::Cx;
use crate::db::{Insert, Lookup, Query, lookup};
use crate::tag::get::{self, Tag, When};
use crate::task::state::TaskState;
use crate::task::{self, NewTask, stored};
use crate::what_if::FileAction;
use crate::wire::{self, Map, Value};
use crate::{Error, Result, arch, paths, plugin, policy};

/// What `distRepo` asks for.
#[derive(Clone, Debug)]
pub struct NewDist {
    /// The tag, as the caller named it
    pub tag: Value,
    /// The keys that rpms may be signed with, the best first; empty for unsigned ones
    pub keys: Vec<Value>,
    /// Everything else, for the builder: the arches and whatever it knows
    pub opts: Map,
}

impl NewDist {
    fn opt(&self, name: &str) -> Option<&Value> {
        self.opts.iter().find(|(key, _)| key == name).map(|(_, value)| value).filter(|value| !value.is_nil())
    }

    fn arches(&self) -> Result<Vec<String>> {
        // no list at all is a fault of its own kind in Koji
        let wanted = || Error::unforeseen("distRepo wants arch: a list of at least one arch");
        let list = Iterated::take(self.opt("arch").cloned().ok_or_else(wanted)?)?.0;
        if list.is_empty() {
            return Err(wanted());
        }
        let mut arches: Vec<String> = Vec::new();
        for item in &list {
            let name = item.as_str().ok_or_else(|| Error::unforeseen("an arch must be a string"))?;
            let name = files::plain(arch::canonical(name))?.to_owned();
            if !arches.contains(&name) {
                arches.push(name);
            }
        }
        Ok(arches)
    }
}

/// Begins a repository and makes its task; the task's id.
pub fn request(cx: &mut Cx<'_>, mut new: NewDist) -> Result<i32> {
    if !cx.has_perm("dist-repo")? && !cx.has_perm("admin")? {
        policy::assert(cx, "dist_repo", &vec![("tag".into(), new.tag.clone())], false)?;
    }
    let tag = get::get(cx, &Lookup::from_value(&new.tag)?, When::Now)?;
    new.arches()?;
    cx.user_id().map_err(|_| Error::generic("task must have an owner: log in first"))?;
    let (repo, event) = init(cx, &tag, &new)?;
    new.opts.retain(|(key, _)| key != "event");
    new.opts.push(("event".into(), event.into()));
    let config = crate::tag::config::build_config(cx, &tag.row.id.into(), None)?;
    if config.tag.extra.get("distrepo.cancel_others").is_some_and(Value::is_true) {
        cancel_others(cx, &new.tag)?;
    }
    let params = vec![new.tag, repo.into(), Value::Array(new.keys), Value::Struct(new.opts)];
    let task = NewTask {
        priority: Some(PRIORITY),
        channel: Some(CHANNEL.into()),
        ..NewTask::new("distRepo", params)
    };
    task::make(cx, task)
}

fn init(cx: &mut Cx<'_>, tag: &Tag, new: &NewDist) -> Result<(i32, i32)> {
    let arches = new.arches()?;
    let event = match new.opt("event") {
        Some(value) => Some(IntLike::take(value.clone())?.0).filter(|event| *event != 0),
        None => None,
    };
    let volume = match new.opt("volume") {
        Some(volume) => Some(lookup::get(cx, "volume", "volume", &Lookup::from_value(volume)?)?.name),
        None => None,
    };
    let told = |repo: Value| -> Result<Map> {
        Ok(vec![
            ("tag".into(), wire::to_value(tag)?),
            ("with_src".into(), false.into()),
            ("with_debuginfo".into(), false.into()),
            ("with_separate_src".into(), false.into()),
            ("event".into(), event.map_or(Value::Nil, Value::Int)),
            ("repo_id".into(), repo),
            ("dist".into(), true.into()),
            ("keys".into(), Value::Array(new.keys.clone())),
            ("arches".into(), Value::Array(arches.iter().map(|arch| arch.as_str().into()).collect())),
            ("task_opts".into(), Value::Struct(new.opts.clone())),
        ])
    };
    plugin::run(cx, "preRepoInit", |_| told(Value::Nil))?;
    let event = match event {
        // the database knows whether there is such an event
        Some(event) => IntLike(event).small()?,
        None => cx.event()?,
    };
    let now = cx.now();
    let repo = Insert::into("repo")
        .set("create_event", event)
        .set("creation_time", now)
        .set("state_time", now)
        .set("tag_id", tag.row.id)
        .set("state", RepoState::Init.number())
        .set("dist", true)
        .returning::<i32>(cx.db, "id")?;
    let mut dir = cx.env.paths.dist_repo(repo.into(), &tag.row.name, volume.as_deref());
    let link = cx.env.paths.dist_repo(repo.into(), &tag.row.name, None);
    let place = dir.clone();
    let rehearsal = files::Rehearsal::of(cx, &mut dir)?;
    fill(cx, &dir, &arches, new)?;
    if link != place && !cx.only_plans(FileAction::Link, &link, Some(&place)) {
        // the directory on the default volume leads to the other one
        files::link_to(&link, &dir)?;
    }
    let info = serde_json::json!({
        "id": repo,
        "tag": tag.row.name,
        "tag_id": tag.row.id,
        "keys": wire::from_value::<serde_json::Value>(Value::Array(new.keys.clone()))?,
        "volume": volume,
        "task_opts": wire::from_value::<serde_json::Value>(Value::Struct(new.opts.clone()))?,
    });
    files::write(&dir.join("repo.json"), serde_json::to_string_pretty(&info)?.as_bytes())?;
    drop(rehearsal);
    plugin::run(cx, "postRepoInit", |_| {
        let mut keywords = told(repo.into())?;
        keywords.push(("repodir".into(), place.to_string_lossy().as_ref().into()));
        Ok(keywords)
    })?;
    Ok((repo, event))
}

/// Makes the directories, with the groups that the caller uploaded.
fn fill(cx: &Cx<'_>, dir: &Path, arches: &[String], new: &NewDist) -> Result<()> {
    // an id is never used twice, so this can only be left from a call that failed
    crate::build::files::remove_now(dir)?;
    make_dir(dir)?;
    arches.iter().try_for_each(|arch| make_dir(&dir.join(arch)))?;
    let Some(comps) = new.opt("comps").filter(|comps| comps.is_true()) else { return Ok(()) };
    let comps = comps.as_str().ok_or_else(|| Error::parameter("comps must be the path of an upload"))?;
    let upload = paths::safe_join(&cx.env.paths.work(None), comps)?;
    make_dir(&dir.join("groups"))?;
    let text = std::fs::read(&upload).map_err(|source| Error::io(&upload, source))?;
    files::write(&dir.join("groups/comps.xml"), &text)
}

/// Calls off the unfinished tasks of the same tag, as the tag's extra setting `distrepo.cancel_others` asks.
fn cancel_others(cx: &mut Cx<'_>, tag: &Value) -> Result<()> {
    let states =
        [TaskState::Free, TaskState::Open, TaskState::Assigned].map(|state| i64::from(state.number()));
    let tasks: Vec<(i64, String)> = Query::from("task")
        .filter("method = 'distRepo' AND state IN ?", states.as_slice())
        .order("id")
        .select(cx.db, "id, request")?;
    let mut ids = Vec::new();
    for (id, request) in tasks {
        if stored::request(&request)?.first() == Some(tag) {
            ids.push(id);
        }
    }
    task::cancel::cancel_each(cx, &ids, true)
}
