//! The tasks that send mails.

use std::collections::{HashMap, HashSet};

use super::recipients::{self, About};
use crate::api::Arg;
use crate::build::state::BuildState;
use crate::build::{BuildRef, BuildRow, row};
use crate::context::Cx;
use crate::db::{Lookup, Query};
use crate::tag::access;
use crate::target::get::{self as targets, TargetRow};
use crate::task::make::{self, NewTask};
use crate::task::{row as tasks, stored};
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
    // two at most
    let mut about = Vec::new();
    for tag in [&what.to, &what.from].into_iter().flatten() {
        if let Some(tag) = access::find(cx, tag, None)? {
            about.push(About { build: &build, tag: Some(tag.id), success: what.success });
        }
    }
    let mut addresses: Vec<String> = recipients::of_each(cx, &about)?.into_iter().flatten().collect();
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

/// Makes the tasks that tell of the ends of builds, each with its task, as far as there is anybody to tell.
pub fn built(cx: &mut Cx<'_>, ended: &[(i64, &BuildRow)]) -> Result<()> {
    if ended.is_empty() || cx.env.config.flag("DisableNotifications") {
        return Ok(());
    }
    let mut wanted = Vec::with_capacity(ended.len());
    let tasks: Vec<i64> = ended.iter().map(|(task, _)| *task).collect();
    let targets = targets_of(cx, &tasks)?;
    for (task, build) in ended {
        let state = build.build_state()?;
        if state == BuildState::Building {
            return Err(Error::generic(format!(
                "build {} is not complete: nothing is told of it yet",
                build.nvr
            )));
        }
        let tag = targets.get(task).map(|target| target.dest_tag);
        wanted.push(About { build, tag, success: state == BuildState::Complete });
    }
    let web = cx.env.config.text("KojiWebURL").to_owned();
    let mut new = Vec::new();
    for ((task, build), addresses) in ended.iter().zip(recipients::of_each(cx, &wanted)?) {
        if addresses.is_empty() {
            continue;
        }
        let build = stored_order(dated(to_value(build)?));
        let target = stored_order(to_value(&targets.get(task))?);
        let params = vec![addresses.give(), build, target, web.clone().into()];
        new.push(NewTask::new("buildNotification", params));
    }
    make::make_many(cx, new).map(drop)
}

/// The targets that the tasks of builds were asked for, by task.
fn targets_of(cx: &mut Cx<'_>, tasks: &[i64]) -> Result<HashMap<i64, TargetRow>> {
    let rows: Vec<(i64, Option<String>, Option<String>)> =
        Query::from("task").filter("id IN ?", tasks).select(cx.db, "id, method, request")?;
    if let Some(unknown) = tasks.iter().find(|task| !rows.iter().any(|(id, ..)| id == *task)) {
        return Err(tasks::unknown(*unknown));
    }
    let mut wanted: Vec<(i64, Lookup)> = Vec::new();
    for (task, method, request) in rows {
        let place = match method.as_deref() {
            Some("build" | "maven") => 1,
            Some("winbuild") => 2,
            _ => continue,
        };
        let request = request.ok_or_else(|| Error::generic(format!("Task {task} has no request")))?;
        if let Some(target) = stored::request(&request)?.get(place).filter(|target| target.is_true()) {
            wanted.push((task, Lookup::from_value(target)?));
        }
    }
    let found = targets::find_many(cx, wanted.iter().map(|(_, target)| target))?;
    Ok(wanted.into_iter().filter_map(|(task, target)| Some((task, found.get(&target)?.clone()))).collect())
}

/// In Koji's requests the members of a row stand by name, and what no column tells comes last. Whoever reads the
/// text of a request sees it.
pub(crate) fn stored_order(row: Value) -> Value {
    let Value::Struct(mut members) = row else { return row };
    members.sort_by(|(a, _), (b, _)| (a == "cg_name", a).cmp(&(b == "cg_name", b)));
    Value::Struct(members)
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
    fn members_stand_by_name() {
        let names = ["name", "cg_name", "version", "build_id"];
        let row = Value::Struct(names.map(|name| (name.to_owned(), Value::Nil)).to_vec());
        let Value::Struct(members) = stored_order(row) else { panic!("no struct") };
        let names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["build_id", "name", "version", "cg_name"]);
    }

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
