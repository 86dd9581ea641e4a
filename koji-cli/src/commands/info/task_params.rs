//! The request of a task, a line per parameter, as `koji taskinfo -v` shows it.

use koji_core::api::Arg as _;
use koji_core::api::build::GetBuild;
use koji_core::api::tag::GetTag;
use koji_core::api::task::GetTaskRequest;
use koji_core::api::user::GetUser;
use koji_core::build::BuildRef;
use koji_core::client::task_label;
use koji_core::db::Lookup;
use koji_core::user::info::UserRef;
use koji_core::wire::Value;

use super::buildinfo::time;
use crate::context::Ctx;
use crate::python;
use crate::stop::Stop;
use crate::value::{View as _, item_at};

/// The lines of a task's request; a request that does not look as it should gives one line that says so.
pub fn lines(ctx: &mut Ctx<'_>, method: &str, id: i64) -> Result<Vec<String>, Stop> {
    let params = ctx.ask(GetTaskRequest::new(id))?;
    match about(ctx, method, &params) {
        Ok(lines) => Ok(lines),
        Err(Stop::Fault(_)) => Ok(vec!["Unable to parse task parameters".into()]),
        Err(other) => Err(other),
    }
}

/// The titles of the first parameters of a method that are plain texts, and the place of its options.
const PLAIN: &[(&str, &[&str], Option<usize>)] = &[
    ("buildSRPMFromCVS", &["CVS URL"], None),
    ("buildSRPMFromSCM", &["SCM URL"], None),
    ("build", &["Source", "Build Target"], Some(2)),
    ("maven", &["SCM URL", "Build Target"], Some(2)),
    ("winbuild", &["VM", "SCM URL", "Build Target"], Some(3)),
    ("createLiveCD", &IMAGE, Some(8)),
    ("createAppliance", &IMAGE, Some(8)),
    ("createLiveMedia", &IMAGE, Some(8)),
    ("appliance", &LIVE, Some(5)),
    ("livecd", &LIVE, Some(5)),
    ("livemedia", &LIVE, Some(5)),
];
const IMAGE: [&str; 8] =
    ["Name", "Version", "Release", "Arch", "Target Info", "Build Tag", "Repo", "Kickstart File"];
const LIVE: [&str; 5] = ["Name", "Version", "Arches", "Target", "Kickstart"];

fn about(ctx: &mut Ctx<'_>, method: &str, params: &Value) -> Result<Vec<String>, Stop> {
    let at = |place| item_at(params, place);
    let text = |place| python::str(at(place));
    let mut lines = vec![];
    let mut add = |title: &str, value: String| lines.push(format!("{title}: {value}"));
    let plain = PLAIN.iter().find(|(known, ..)| *known == method);
    let mut opts = plain.and_then(|(.., opts)| *opts);
    for (place, title) in plain.iter().flat_map(|(_, titles, _)| titles.iter()).enumerate() {
        add(title, text(place));
    }
    match method {
        "buildArch" => {
            let tag = tag(ctx, at(1))?;
            let name = if tag.is_true() { tag.show("name") } else { format!("{} (deleted)", text(1)) };
            add("SRPM", format!("{}/work/{}", ctx.settings.topdir, text(0)));
            add("Build Tag", name);
            add("Build Arch", text(2));
            add("SRPM Kept", python::repr(at(3)));
            opts = Some(4);
        }
        "tagBuild" => {
            add("Destination Tag", tag(ctx, at(0))?.show("name"));
            add("Build", build(ctx, at(1))?.nvr());
        }
        "buildNotification" => {
            add("Recipients", joined(at(0)));
            add("Build", at(1).nvr());
            add("Build Target", at(2).show("name"));
            add("Web URL", text(3));
        }
        "buildMaven" => {
            add("SCM URL", text(0));
            add("Build Tag", at(1).show("name"));
            opts = Some(2);
        }
        "wrapperRPM" => {
            lines = wrapper_rpm(params);
            opts = Some(4);
        }
        "newRepo" => add("Tag", tag(ctx, at(0))?.show("name")),
        "createrepo" => return Ok(create_repo(params)),
        "tagNotification" => return tag_notification(ctx, params),
        "dependantTask" => return Ok(dependant(params)),
        "chainbuild" => {
            lines.push("Build Groups:".into());
            for (number, group) in at(0).items().iter().enumerate() {
                lines.push(format!("  {}: {}", number + 1, joined(group)));
            }
            lines.push(format!("Build Target: {}", text(1)));
            opts = Some(2);
        }
        "waitrepo" => {
            add("Build Target", text(0));
            if at(1).is_true() {
                add("Newer Than", text(1));
            }
            if at(2).is_true() {
                add("NVRs", joined(at(2)));
            }
        }
        _ => {}
    }
    if let Some(place) = opts {
        add_options(&mut lines, item_at(params, place), "");
    }
    Ok(lines)
}

fn tag(ctx: &mut Ctx<'_>, tag: &Value) -> Result<Value, Stop> {
    ctx.ask(GetTag::new(Lookup::from_value(tag)?))
}

fn build(ctx: &mut Ctx<'_>, build: &Value) -> Result<Value, Stop> {
    ctx.ask(GetBuild::new(BuildRef::take(build.clone())?))
}

fn wrapper_rpm(params: &Value) -> Vec<String> {
    let at = |place| item_at(params, place);
    let mut lines =
        vec![format!("Spec File URL: {}", python::str(at(0))), format!("Build Tag: {}", at(1).show("name"))];
    if at(2).is_true() {
        lines.push(format!("Build: {}", at(2).nvr()));
    }
    if at(3).is_true() {
        lines.push(format!("Task: {} {}", at(3).show("id"), task_label(at(3))));
    }
    lines
}

fn create_repo(params: &Value) -> Vec<String> {
    let at = |place| item_at(params, place);
    let mut lines = vec![format!("Repo ID: {}", python::str(at(0))), format!("Arch: {}", python::str(at(1)))];
    if at(2).is_true() {
        lines.push(format!("Old Repo ID: {}", at(2).show("id")));
        lines.push(format!("Old Repo Creation: {}", time(at(2), "create_ts")));
    }
    if !at(3).is_nil() {
        let names: Vec<&str> = at(3).items().iter().map(|repo| repo.str("external_repo_name")).collect();
        lines.push(format!("External Repos: {}", names.join(", ")));
    }
    lines
}

fn tag_notification(ctx: &mut Ctx<'_>, params: &Value) -> Result<Vec<String>, Stop> {
    let at = |place| item_at(params, place);
    let yes = |place| if at(place).is_true() { "yes" } else { "no" };
    let mut lines = vec![format!("Recipients: {}", joined(at(0))), format!("Successful?: {}", yes(1))];
    lines.push(format!("Tagged Into: {}", tag(ctx, at(2))?.show("name")));
    if at(3).is_true() {
        lines.push(format!("Moved From: {}", tag(ctx, at(3))?.show("name")));
    }
    lines.push(format!("Build: {}", build(ctx, at(4))?.nvr()));
    let user = GetUser { userInfo: UserRef::take(at(5).clone())?, ..GetUser::new() };
    lines.push(format!("Tagged By: {}", ctx.ask(user)?.show("name")));
    lines.push(format!("Ignore Success?: {}", yes(6)));
    if at(7).is_true() {
        lines.push(format!("Failure Message: {}", python::str(at(7))));
    }
    Ok(lines)
}

fn dependant(params: &Value) -> Vec<String> {
    let mut lines = vec![format!("Dependant Tasks: {}", joined(item_at(params, 0))), "Subtasks:".into()];
    for task in item_at(params, 1).items() {
        lines.push(format!("  Method: {}", python::str(item_at(task, 0))));
        lines.push(format!("  Parameters: {}", joined(item_at(task, 1))));
        add_options(&mut lines, item_at(task, 2), "  ");
        lines.push(String::new());
    }
    lines
}

fn add_options(lines: &mut Vec<String>, opts: &Value, prefix: &str) {
    let Some(opts) = opts.as_struct().filter(|opts| !opts.is_empty()) else { return };
    lines.push(format!("{prefix}Options:"));
    for (name, value) in opts.iter().filter(|(name, _)| name != "__starstar") {
        lines.push(format!("  {prefix}{name}: {}", python::str(value)));
    }
}

fn joined(list: &Value) -> String {
    list.items().iter().map(python::str).collect::<Vec<_>>().join(", ")
}
