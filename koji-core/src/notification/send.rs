//! The tasks that send mails.

use std::collections::HashSet;

use super::recipients;
use crate::api::Arg;
use crate::build::state::BuildState;
use crate::build::{BuildRef, row};
use crate::context::Cx;
use crate::db::Lookup;
use crate::tag::access;
use crate::target::get as targets;
use crate::task::make::{self, NewTask};
use crate::task::{result, row as tasks};
use crate::user::info::{self, UserRef};
use crate::wire::{Map, Value, to_value};
use crate::{Error, Result};

/// What has been tagged or untagged, or was to be; each part as the caller named it, for the mail shows that.
#[derive(Clone, Debug)]
pub struct Tagged {
    /// Whether it worked
    pub success: bool,
    /// The tag that got the build
    pub to: Option<Lookup>,
    /// The tag that lost it
    pub from: Option<Lookup>,
    /// The build
    pub build: BuildRef,
    /// Who did it
    pub user: Option<UserRef>,
    /// Whether success is not told
    pub ignore_success: bool,
    /// What went wrong
    pub failure: String,
}

impl Tagged {
    /// What a call has done.
    pub fn by_call(to: Option<&Lookup>, from: Option<&Lookup>, build: &BuildRef, user: i32) -> Self {
        Self {
            success: true,
            to: to.cloned(),
            from: from.cloned(),
            build: build.clone(),
            user: Some(UserRef::Id(user.into())),
            ignore_success: false,
            failure: String::new(),
        }
    }
}

/// Makes the task that tells of tagging, if there is anybody to tell; its id. Of a build that is gone nothing is
/// told.
pub fn tagged(cx: &mut Cx<'_>, what: &Tagged) -> Result<Option<i32>> {
    if cx.env.config.flag("DisableNotifications") {
        return Ok(None);
    }
    let user = match &what.user {
        None => Value::Nil,
        Some(UserRef::Id(id)) => Value::Int(*id),
        Some(user) => info::get(cx, user)?.id.into(),
    };
    let Some(build) = row::find(cx, &what.build)? else { return Ok(None) };
    let mut addresses = Vec::new();
    for tag in [&what.to, &what.from].into_iter().flatten() {
        if let Some(tag) = access::find(cx, tag, None)? {
            addresses.extend(recipients::of(cx, &build, Some(tag.id), what.success)?);
        }
    }
    let mut seen = HashSet::new();
    addresses.retain(|address| seen.insert(address.clone()));
    if addresses.is_empty() || (what.success && what.ignore_success) {
        return Ok(None);
    }
    let params = vec![
        addresses.give(),
        what.success.into(),
        what.to.give(),
        what.from.give(),
        what.build.give(),
        user,
        what.ignore_success.into(),
        what.failure.as_str().into(),
    ];
    make::make(cx, NewTask::new("tagNotification", params)).map(Some)
}

/// Makes the task that tells of the end of a build, if there is anybody to tell.
pub fn built(cx: &mut Cx<'_>, task: i64, build: i32) -> Result<()> {
    if cx.env.config.flag("DisableNotifications") {
        return Ok(());
    }
    let build = row::get(cx, &build.into())?;
    let state = build.build_state()?;
    if state == BuildState::Building {
        return Err(Error::generic(format!(
            "build {} is not complete: nothing is told of it yet",
            build.nvr
        )));
    }
    let target = match target_of(cx, task)? {
        Some(target) => targets::find_named(cx, &target, None)?,
        None => None,
    };
    let tag = target.as_ref().map(|target| target.dest_tag);
    let addresses = recipients::of(cx, &build, tag, state == BuildState::Complete)?;
    if addresses.is_empty() {
        return Ok(());
    }
    let web = cx.env.config.text("KojiWebURL").to_owned();
    let params = vec![addresses.give(), dated(to_value(&build)?), to_value(&target)?, web.into()];
    make::make(cx, NewTask::new("buildNotification", params)).map(drop)
}

/// The target that the task of a build was asked for.
fn target_of(cx: &mut Cx<'_>, task: i64) -> Result<Option<Lookup>> {
    let info = tasks::get(cx, task, tasks::Requests::Omit)?;
    let place = match info.task.method.as_deref() {
        Some("build" | "maven") => 1,
        Some("winbuild") => 2,
        _ => return Ok(None),
    };
    let request = result::request(cx, task)?;
    match request.get(place) {
        Some(target) if target.is_true() => Lookup::from_value(target).map(Some),
        _ => Ok(None),
    }
}

/// In requests of tasks a build's times go as dates, not as text.
pub(crate) fn dated(build: Value) -> Value {
    let Value::Struct(members) = build else { return build };
    let date = |(name, value): (String, Value)| match value {
        Value::String(text) if name.ends_with("_time") => {
            let short: String = text.chars().take(19).filter(|c| *c != '-').collect();
            (name, Value::DateTime(short.replace(' ', "T")))
        }
        value => (name, value),
    };
    Value::Struct(members.into_iter().map(date).collect::<Map>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_become_dates() {
        let build = Value::Struct(vec![
            ("start_time".to_owned(), "2026-11-20 08:15:00.250000+00:00".into()),
            ("promotion_time".to_owned(), Value::Nil),
            ("nvr".to_owned(), "a-1-1".into()),
        ]);
        let dated = dated(build);
        assert_eq!(dated.get("start_time"), Some(&Value::DateTime("20261120T08:15:00".to_owned())));
        assert_eq!(dated.get("promotion_time"), Some(&Value::Nil));
        assert_eq!(dated.get("nvr"), Some(&"a-1-1".into()));
    }
}
