//! Which volume the policy `volume` puts a build on.

use crate::build::BuildRow;
use crate::context::Cx;
use crate::db::Lookup;
use crate::db::lookup::Named;
use crate::paths::DEFAULT_VOLUME;
use crate::task::kinds;
use crate::task::row::{self as tasks, Requests};
use crate::task::stored::Stored;
use crate::wire::{Map, Value};
use crate::{Error, Result, policy, target};

/// The volume for what is about to be imported; the default one if the policy says nothing that can be used.
pub fn for_import(cx: &mut Cx<'_>, mut data: Map, task: Option<i64>) -> Result<Named> {
    if let Some(task) = task {
        data.extend(of_task(cx, task)?);
    }
    match choose(cx, &data, false)? {
        Some(volume) => Ok(volume),
        None => super::get(cx, &Lookup::from(DEFAULT_VOLUME)),
    }
}

/// `applyVolumePolicy`: moves a build to where the policy puts it. A policy that can't be used is an error if
/// `strict`; otherwise the build stays.
pub fn apply(cx: &mut Cx<'_>, build: &BuildRow, strict: bool) -> Result<()> {
    let mut data = vec![("build".to_owned(), Value::from(build.id))];
    if let Some(task) = build.task_id {
        data.extend(of_task(cx, task.into())?);
    }
    match choose(cx, &data, strict)? {
        Some(volume) if volume.id != build.volume_id => super::change::apply(cx, build, &volume, true),
        _ => Ok(()),
    }
}

fn choose(cx: &mut Cx<'_>, data: &Map, strict: bool) -> Result<Option<Named>> {
    let verdict = match policy::choose(cx, "volume", data) {
        Ok(verdict) => verdict,
        Err(error) if strict => return Err(error),
        Err(error) => {
            tracing::error!(%error, "the volume policy failed");
            return Ok(None);
        }
    };
    let found = match &verdict.action {
        Some(name) => super::find(cx, &Lookup::from(name.as_str()))?,
        None => None,
    };
    match (found, &verdict.action) {
        (Some(volume), _) => Ok(Some(volume)),
        (None, Some(name)) if strict => {
            Err(Error::generic(format!("Policy returned no such volume: {name}")))
        }
        (None, None) if strict => Err(Error::generic("No volume policy match")),
        (None, action) => {
            tracing::warn!(?action, "the volume policy names no volume");
            Ok(None)
        }
    }
}

/// What the request of a task tells policies: its source, target, tag and whether it is a scratch build.
fn of_task(cx: &mut Cx<'_>, task: i64) -> Result<Map> {
    let info = tasks::get(cx, task, Requests::Decoded)?;
    let (Some(method), Some(Stored::Decoded(Value::Array(request)))) = (info.task.method, info.request)
    else {
        return Ok(Map::new());
    };
    let Some(Ok(params)) = kinds::params(&method, &request) else { return Ok(Map::new()) };
    let first = |names: &[&str]| {
        let of = |name: &&str| params.iter().find(|(key, _)| key == name).map(|(_, value)| value);
        names.iter().find_map(of)
    };
    let mut data = Map::new();
    if let Some(source @ Value::String(_)) = first(&["src", "spec_url", "url"])
        && method != "newRepo"
    {
        data.push(("source".to_owned(), source.clone()));
    }
    if let Some(value) = first(&["target", "build_target", "target_info"]) {
        let name = match Lookup::from_value(value) {
            Ok(wanted) => target::get::find_named(cx, &wanted, None)?.map(|target| target.name),
            Err(_) => None,
        };
        data.push(("target".to_owned(), name.into()));
    }
    for (key, names) in [("tag", &["tag", "tag_id", "tag_info"][..]), ("build_tag", &["build_tag"])] {
        let wanted = first(names).and_then(|tag| Lookup::from_value(tag).ok());
        if let Some(wanted) = wanted
            && let Some(tag) = crate::tag::get::find_row(cx, &wanted, None)?
        {
            data.push((key.to_owned(), tag.name.into()));
        }
    }
    if let Some(scratch) = first(&["opts"]).and_then(|opts| opts.get("scratch")) {
        data.push(("scratch".to_owned(), scratch.clone()));
    }
    Ok(data)
}
