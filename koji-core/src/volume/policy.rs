//! Which volume the policy `volume` puts a build on.

use crate::build::BuildRow;
use crate::context::Cx;
use crate::db::Lookup;
use crate::db::lookup::Named;
use crate::paths::DEFAULT_VOLUME;
use crate::task::about;
use crate::wire::{Map, Value};
use crate::{Error, Result, policy};

/// The volume for what is about to be imported; the default one if the policy says nothing that can be used.
pub fn for_import(cx: &mut Cx<'_>, mut data: Map, task: Option<i64>) -> Result<Named> {
    if let Some(task) = task {
        data.extend(about::task(cx, task)?);
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
        data.extend(about::task(cx, task.into())?);
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
