//! `buildNotification`: tells people by mail how a build went.

use koji_core::Result;
use koji_core::api::host::GetHost;
use koji_core::api::rpm::GetChangelogEntries;
use koji_core::api::task::{GetTaskChildren, GetTaskInfo, GetTaskResult, ListTaskOutput};
use koji_core::api::user::GetUser;
use koji_core::client::watch::state_of;
use koji_core::client::{field, task_label};
use koji_core::db::QueryOpts;
use koji_core::paths::{BuildDir, Paths};
use koji_core::user::info::UserRef;
use koji_core::wire::Value;

use super::build_letter::{BuildStory, Part, change};
use super::repo::texts;
use super::run::{Run, need_int, need_text};
use super::{Failure, Params, Signature, TaskHandler};
use crate::builder::config::Settings;
use crate::builder::mail::{self, Letter};

/// How many entries of the changelog are told.
const CHANGES: i64 = 3;

/// Sends a mail.
pub(super) struct BuildNotification;

impl TaskHandler for BuildNotification {
    fn method(&self) -> &'static str {
        "buildNotification"
    }

    fn signature(&self) -> Signature {
        Signature { names: &["recipients", "build", "target", "weburl"], required: 4 }
    }

    fn weight(&self) -> f64 {
        0.1
    }

    fn run(&self, run: &mut Run, params: &Params) -> Result<Value, Failure> {
        let recipients = texts(params.get("recipients"))?;
        if recipients.is_empty() {
            return Ok(Value::Nil);
        }
        let story = story(run, params)?;
        let letter =
            Letter { from: run.settings.text("from_addr").to_owned(), to: recipients, ..story.letter() };
        mail::send(&run.settings, &letter)?;
        let id = need_int(&story.build, "id")?;
        Ok(format!("sent notification of build {id} to: {}", letter.to.join(", ")).into())
    }
}

fn story(run: &mut Run, params: &Params) -> Result<BuildStory> {
    let build = params.get("build").clone();
    let mut story = BuildStory {
        dest_tag: field(params.get("target"), "dest_tag_name").as_str().map(Into::into),
        weburl: params.text("weburl")?.trim_end_matches('/').to_owned(),
        build_url: build_url(&run.settings, &build)?,
        build,
        ..BuildStory::default()
    };
    if story.status() == "canceled" {
        // whoever called the build off owns this task
        if let Some(owner) = field(&run.info, "owner").as_int() {
            let user = run.ask(GetUser { userInfo: UserRef::Id(owner), ..GetUser::new() })?;
            story.canceler = field(&user, "name").as_str().map(Into::into);
        }
    }
    if let Some(task) = field(&story.build, "task_id").as_int() {
        let info = run.ask(GetTaskInfo { request: true, ..GetTaskInfo::new(task) })?;
        if info.is_true() {
            gather(run, &info, &mut story.parts)?;
        }
    }
    story.changelog = changelog(run, need_int(&story.build, "id")?)?;
    Ok(story)
}

/// A task and those below it, each before its own parts.
fn gather(run: &mut Run, info: &Value, parts: &mut Vec<Part>) -> Result<()> {
    let id = need_int(info, "id")?;
    let text = |name: &str| field(info, name).as_str().unwrap_or_default().to_owned();
    let host = match field(info, "host_id").as_int() {
        Some(host) => Some(need_text(&run.ask(GetHost::new(host))?, "name")?.to_owned()),
        None => None,
    };
    let mut part = Part {
        id,
        state: state_of(info).map_or_else(String::new, |state| state.name().to_lowercase()),
        label: task_label(info),
        host,
        arch: text("arch"),
        build_arch: text("label"),
        result: result(run, id),
        ..Part::default()
    };
    let files = run.ask(ListTaskOutput { all_volumes: true, ..ListTaskOutput::new(id) })?;
    for (name, volumes) in files.as_struct().unwrap_or_default() {
        let places = texts(volumes)?.into_iter().map(|volume| (name.clone(), volume));
        match name {
            name if name.ends_with(".log") => part.logs.extend(places),
            name if name.ends_with(".src.rpm") => part.srpms.push(name.clone()),
            name if name.ends_with(".rpm") => part.rpms.push(name.clone()),
            _ => part.misc.extend(places),
        }
    }
    for list in [&mut part.logs, &mut part.misc] {
        list.sort_by(|left, right| (&left.1, &left.0).cmp(&(&right.1, &right.0)));
    }
    part.rpms.sort_unstable();
    parts.push(part);
    let children = run.ask(GetTaskChildren { request: true, ..GetTaskChildren::new(id) })?;
    children.as_array().unwrap_or_default().iter().try_for_each(|child| gather(run, child, parts))
}

/// What came of a task, or its fault.
fn result(run: &mut Run, task: i64) -> String {
    match run.ask(GetTaskResult::new(task)) {
        Ok(Value::String(text)) if !text.is_empty() => text,
        Ok(value) if value.is_true() => format!("{value:?}"),
        Ok(_) => "Unknown".to_owned(),
        Err(error) => error.message.trim().to_owned(),
    }
}

fn build_url(settings: &Settings, build: &Value) -> Result<String> {
    let dir = BuildDir {
        name: need_text(build, "package_name")?,
        version: need_text(build, "version")?,
        release: need_text(build, "release")?,
        volume: field(build, "volume_name").as_str(),
    };
    let path = Paths::new("").build(dir).to_string_lossy().into_owned();
    Ok(format!("{}/{path}", settings.topurl().unwrap_or_default()))
}

fn changelog(run: &mut Run, build: i64) -> Result<String> {
    let opts = QueryOpts { limit: Some(CHANGES), ..QueryOpts::default() };
    let entries = run.ask(GetChangelogEntries {
        buildID: build.into(),
        queryOpts: opts,
        ..GetChangelogEntries::new()
    })?;
    let entries = entries.as_array().unwrap_or_default().iter();
    Ok(entries.map(change).collect())
}
