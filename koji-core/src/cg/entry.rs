//! The entry of a build that a content generator imports: a new one, or one that it has reserved.

use serde_json::{Map as Object, Value as Json};

use super::loose::is_true;
use super::metadata::BuildPart;
use super::reserve;
use crate::build::create::{self, NewBuild};
use crate::build::state::{BuildEvent, BuildState};
use crate::build::typed as types;
use crate::build::{BuildRef, BuildRow, btype, change, row};
use crate::context::Cx;
use crate::db::lookup::Named;
use crate::db::{Lookup, Time};
use crate::nvr::{Nvr, draft_release};
use crate::user;
use crate::wire::to_value;
use crate::{Error, Result};

/// A build that may be imported.
pub struct Entry {
    /// What is to be stored
    pub new: NewBuild,
    /// Its build types, with what is known of each
    pub types: Object<String, Json>,
    reserved: Option<BuildRow>,
}

/// Checks that a build may be imported; nothing is changed.
pub fn prepare(cx: &mut Cx<'_>, part: &BuildPart, cg: &Named, token: Option<&str>) -> Result<Entry> {
    let task_id = task_id(part)?;
    let reserved = match reserved_id(part)? {
        Some(id) => Some(reservation(cx, part, (cg, id, task_id), token)?),
        None if token.is_some() => {
            return Err(Error::generic("Reservation token given, but no build_id in metadata"));
        }
        None => {
            refuse_existing(cx, part)?;
            None
        }
    };
    nvr(part).check()?;
    let (extra, types) = types_of(cx, &part.extra)?;
    let new = NewBuild {
        draft: part.draft.0,
        owner: Some(owner(cx, &part.owner)?),
        task_id,
        cg_id: Some(cg.id),
        source: part.source.as_ref().map(|source| source.0.clone()),
        extra: Some(Json::Object(extra)),
        start_time: Some(Time(part.start_time)),
        completion_time: Some(Time(part.end_time)),
        ..NewBuild::of(nvr(part), part.epoch.flatten())
    };
    Ok(Entry { new, types, reserved })
}

/// Makes the entry, or completes the reserved one, with its build types.
pub fn make(cx: &mut Cx<'_>, entry: &Entry, has_rpms: bool) -> Result<BuildRow> {
    let build = match &entry.reserved {
        Some(reserved) => complete(cx, reserved, &entry.new)?,
        None => {
            let id = create::create(cx, &entry.new)?;
            row::get(cx, &BuildRef::from(id))?
        }
    };
    let mut others = Vec::new();
    // the older types have a table each
    for (name, info) in &entry.types {
        match name.as_str() {
            "maven" => types::make_maven(cx, &build, &to_value(info)?)?,
            "win" => types::make_win(cx, &build, &to_value(info)?)?,
            "image" => types::make_image(cx, &build)?,
            other => others.push(other),
        }
    }
    others.extend(has_rpms.then_some("rpm"));
    btype::add_many(cx, build.id, &others)?;
    Ok(build)
}

fn complete(cx: &mut Cx<'_>, reserved: &BuildRow, new: &NewBuild) -> Result<BuildRow> {
    let build = change::apply(cx, reserved, BuildEvent::Complete, |update| {
        update
            .set("extra", new.extra.as_ref())
            .set("owner", new.owner)
            .set("source", new.source.as_ref())
            .set("task_id", new.task_id)
            .set("volume_id", new.volume_id)
    })?
    .ok_or_else(|| Error::generic(format!("Build {} can't be completed", reserved.nvr)))?;
    reserve::clear(cx, build.id)?;
    Ok(build)
}

fn nvr(part: &BuildPart) -> Nvr {
    let BuildPart { name, version, release, .. } = part;
    Nvr { name: name.clone(), version: version.clone(), release: release.clone(), epoch: String::new() }
}

/// The id of the reserved build, if there is one.
fn reserved_id(part: &BuildPart) -> Result<Option<i64>> {
    match &part.build_id {
        id if !is_true(id) => Ok(None),
        Json::Bool(_) => Err(Error::unforeseen("a boolean names no build")),
        id => id.as_i64().map(Some).ok_or_else(|| Error::generic(format!("invalid build_id: {id}"))),
    }
}

/// The task, which container builds name in another place as well.
fn task_id(part: &BuildPart) -> Result<Option<i32>> {
    let own = part.task_id.as_ref().map(number).transpose()?;
    let container = part.extra.get("container_koji_task_id").map(number).transpose()?;
    match (own, container) {
        (Some(own), Some(container)) if own != container => Err(Error::generic(format!(
            "CG provided non-matching task_id {own} and container_koji_task_id {container}"
        ))),
        (own, container) => Ok(container.or(own)),
    }
}

/// A task's id, which may come as text.
fn number(value: &Json) -> Result<i32> {
    let number = match value {
        Json::String(text) => text.trim().parse().ok(),
        Json::Bool(flag) => Some((*flag).into()),
        other => other.as_f64().map(|number| number.trunc() as i64),
    };
    number
        .and_then(|number| i32::try_from(number).ok())
        .ok_or_else(|| Error::parameter(format!("a task_id is an integer, not {value}")))
}

/// The reserved build, which must be the one that is described.
fn reservation(
    cx: &mut Cx<'_>,
    part: &BuildPart,
    (cg, id, task_id): (&Named, i64, Option<i32>),
    token: Option<&str>,
) -> Result<BuildRow> {
    let build = row::get(cx, &BuildRef::Id(id))?;
    reserve::check_token(cx, &build, token.unwrap_or_default())?;
    let refuse = |message: String| Err(Error::generic(message));
    if build.cg_id != Some(cg.id) {
        return refuse(format!("Build ID {id} is not reserved by this CG"));
    }
    if let Some(task) = build.task_id.filter(|task| *task != 0 && task_id != Some(*task)) {
        return refuse(format!("Build is owned by task {task}"));
    }
    if build.build_state()? != BuildState::Building {
        return refuse(format!("Build ID {id} is not in BUILDING state"));
    }
    if build.draft != part.draft.0 {
        return refuse(format!("Draft field does not match reservation (build id = {id})"));
    }
    let release = if build.draft { draft_release(&part.release, id) } else { part.release.clone() };
    if (&build.name, &build.version, &build.release) != (&part.name, &part.version, &release) {
        return refuse(format!("Build ({id}) NVR is different: {} is reserved", build.nvr));
    }
    if part.epoch.is_some_and(|epoch| epoch != build.epoch) {
        return refuse(format!("Build ({id}) epoch is different"));
    }
    Ok(build)
}

/// Only the name of a build that has come to nothing can be used again.
fn refuse_existing(cx: &mut Cx<'_>, part: &BuildPart) -> Result<()> {
    match row::find(cx, &BuildRef::Nvr(nvr(part)))? {
        Some(known) if !matches!(known.build_state()?, BuildState::Failed | BuildState::Canceled) => {
            Err(Error::generic(format!("Build already exists: {} (id={})", known.nvr, known.id)))
        }
        _ => Ok(()),
    }
}

fn owner(cx: &mut Cx<'_>, owner: &Json) -> Result<i32> {
    match owner {
        nobody if !is_true(nobody) => cx.user_id(),
        Json::String(name) => Ok(user::lookup::get(cx, &Lookup::Name(name.clone()))?.id),
        other => Err(Error::generic(format!("Invalid owner format (expected username): {other}"))),
    }
}

type Types = Object<String, Json>;

/// `extra` as it is stored, and the build types in it. Older types may stand beside `typeinfo`.
fn types_of(cx: &mut Cx<'_>, extra: &Types) -> Result<(Types, Types)> {
    let mut extra = extra.clone();
    let mut types = match extra.get("typeinfo") {
        None => Types::new(),
        Some(Json::Object(types)) => types.clone(),
        Some(Json::String(text)) if text.is_empty() => Types::new(),
        Some(Json::Array(list)) if list.is_empty() => Types::new(),
        Some(other @ (Json::String(_) | Json::Array(_))) => {
            return Err(Error::generic(format!("No such btype: {other}")));
        }
        Some(other) => return Err(Error::unforeseen(format!("typeinfo is an object, not {other}"))),
    };
    for name in ["maven", "win", "image"] {
        let Some(info) = extra.get(name) else { continue };
        if types.contains_key(name) {
            return Err(Error::generic(format!("Duplicate typeinfo for '{name}'")));
        }
        types.insert(name.to_owned(), info.clone());
    }
    btype::ids(cx, types.keys().map(String::as_str))?;
    extra.insert("typeinfo".to_owned(), Json::Object(types.clone()));
    Ok((extra, types))
}
