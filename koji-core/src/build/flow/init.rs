//! The entry of a build when its task begins, and its end when that fails.

use crate::build::change;
use crate::build::create::{NewBuild, create};
use crate::build::row::{self, BuildRow};
use crate::build::state::{BuildEvent, BuildState};
use crate::build::{BuildRef, btype};
use crate::context::Cx;
use crate::nvr::Nvr;
use crate::task::owner;
use crate::task::row::{self as tasks, Requests};
use crate::wire::{Map, Value};
use crate::{Error, Result, notification};

/// Makes the entry of an rpm build that a task begins; its id. A task that begins again finds its build again.
pub fn rpm(cx: &mut Cx<'_>, host: i32, data: Map) -> Result<i32> {
    let mut data = Given(data);
    let task: i64 = data.required("task_id")?;
    owner::require(cx, task, host)?;
    let new = data.build(cx, task)?;
    let id = create(cx, new)?;
    btype::add(cx, id, "rpm")?;
    Ok(id)
}

/// Ends a build that is under way with a failure.
pub fn fail(cx: &mut Cx<'_>, host: i32, task: i64, build: i64) -> Result<BuildRow> {
    owner::require(cx, task, host)?;
    let build = row::get(cx, &BuildRef::Id(build))?;
    let nvr = build.nvr.clone();
    let failed = change::apply(cx, &build, BuildEvent::Fail, |update| update)?
        .ok_or_else(|| Error::generic(format!("Build {nvr} is not under way")))?;
    notification::send::built(cx, task, failed.id)?;
    Ok(failed)
}

/// What a builder says of a build to be.
pub(super) struct Given(pub(super) Map);

impl Given {
    fn take(&mut self, name: &str) -> Option<Value> {
        let place = self.0.iter().position(|(key, _)| key == name)?;
        Some(self.0.swap_remove(place).1).filter(|value| !value.is_nil())
    }

    pub(super) fn required<T: crate::api::Arg>(&mut self, name: &str) -> Result<T> {
        let value = self.take(name).ok_or_else(|| Error::generic(format!("No {name} value for build")))?;
        T::take(value)
    }

    fn optional<T: crate::api::Arg>(&mut self, name: &str) -> Result<Option<T>> {
        self.take(name).map(T::take).transpose()
    }

    /// A build under way in a task, of the task's owner.
    pub(super) fn build(mut self, cx: &mut Cx<'_>, task: i64) -> Result<NewBuild> {
        let row = tasks::get(cx, task, Requests::Omit)?.task;
        let nvr = Nvr {
            name: self.required("name")?,
            version: self.required("version")?,
            release: self.required("release")?,
            epoch: String::new(),
        };
        let epoch = self.optional::<i64>("epoch")?;
        let extra = self.take("extra").map(|extra| serde_json::to_value(&extra)).transpose()?;
        Ok(NewBuild {
            draft: self.optional::<bool>("draft")?.unwrap_or_default(),
            state: BuildState::Building,
            owner: Some(row.owner),
            task_id: Some(row.id),
            volume_id: self.optional::<i32>("volume_id")?.unwrap_or_default(),
            source: self.optional::<String>("source")?,
            extra,
            ..NewBuild::of(nvr, epoch)
        })
    }
}
