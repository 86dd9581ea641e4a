//! The request of a task, a line per parameter, as `koji taskinfo -v` shows it.

use koji_core::client::task_label;
use koji_core::wire::Value;

use super::buildinfo::time;
use crate::context::Ctx;
use crate::stop::Stop;
use crate::value::{View as _, item_at};
use crate::{args, python};

/// The lines of a task's request; a request that does not look as it should gives one line that says so.
pub fn lines(ctx: &mut Ctx<'_>, method: &str, id: i64) -> Result<Vec<String>, Stop> {
    let params = ctx.call("getTaskRequest", args![id])?;
    match about(ctx, method, &params) {
        Ok(lines) => Ok(lines),
        Err(Stop::Fault(_)) => Ok(vec!["Unable to parse task parameters".into()]),
        Err(other) => Err(other),
    }
}

fn about(ctx: &mut Ctx<'_>, method: &str, params: &Value) -> Result<Vec<String>, Stop> {
    let at = |place| item_at(params, place);
    let text = |place| python::str(at(place));
    let mut lines = vec![];
    let mut add = |title: &str, value: String| lines.push(format!("{title}: {value}"));
    let mut opts = None;
    match method {
        "buildSRPMFromCVS" => add("CVS URL", text(0)),
        "buildSRPMFromSCM" => add("SCM URL", text(0)),
        "buildArch" => {
            let tag = ctx.call("getTag", args![at(1)])?;
            let name = if tag.is_true() { tag.show("name") } else { format!("{} (deleted)", text(1)) };
            add("SRPM", format!("{}/work/{}", ctx.settings.topdir, text(0)));
            add("Build Tag", name);
            add("Build Arch", text(2));
            add("SRPM Kept", python::repr(at(3)));
            opts = Some(4);
        }
        "tagBuild" => {
            add("Destination Tag", ctx.call("getTag", args![at(0)])?.show("name"));
            add("Build", ctx.call("getBuild", args![at(1)])?.nvr());
        }
        "buildNotification" => {
            add("Recipients", joined(at(0)));
            add("Build", at(1).nvr());
            add("Build Target", at(2).show("name"));
            add("Web URL", text(3));
        }
        "build" => {
            add("Source", text(0));
            add("Build Target", text(1));
            opts = Some(2);
        }
        "maven" => {
            add("SCM URL", text(0));
            add("Build Target", text(1));
            opts = Some(2);
        }
        "buildMaven" => {
            add("SCM URL", text(0));
            add("Build Tag", at(1).show("name"));
            opts = Some(2);
        }
        "wrapperRPM" => {
            add("Spec File URL", text(0));
            add("Build Tag", at(1).show("name"));
            if at(2).is_true() {
                add("Build", at(2).nvr());
            }
            if at(3).is_true() {
                add("Task", format!("{} {}", at(3).show("id"), task_label(at(3))));
            }
            opts = Some(4);
        }
        "winbuild" => {
            for (place, title) in ["VM", "SCM URL", "Build Target"].iter().enumerate() {
                add(title, text(place));
            }
            opts = Some(3);
        }
        "createLiveCD" | "createAppliance" | "createLiveMedia" => {
            let titles =
                ["Name", "Version", "Release", "Arch", "Target Info", "Build Tag", "Repo", "Kickstart File"];
            for (place, title) in titles.iter().enumerate() {
                add(title, text(place));
            }
            opts = Some(8);
        }
        "appliance" | "livecd" | "livemedia" => {
            let titles = ["Name", "Version", "Arches", "Target", "Kickstart"];
            for (place, title) in titles.iter().enumerate() {
                add(title, text(place));
            }
            opts = Some(5);
        }
        "newRepo" => add("Tag", ctx.call("getTag", args![at(0)])?.show("name")),
        "createrepo" => {
            add("Repo ID", text(0));
            add("Arch", text(1));
            if at(2).is_true() {
                add("Old Repo ID", at(2).show("id"));
                add("Old Repo Creation", time(at(2), "create_ts"));
            }
            if !at(3).is_nil() {
                let names: Vec<&str> =
                    at(3).items().iter().map(|repo| repo.str("external_repo_name")).collect();
                add("External Repos", names.join(", "));
            }
        }
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

fn tag_notification(ctx: &mut Ctx<'_>, params: &Value) -> Result<Vec<String>, Stop> {
    let at = |place| item_at(params, place);
    let yes = |place| if at(place).is_true() { "yes" } else { "no" };
    let mut lines = vec![format!("Recipients: {}", joined(at(0))), format!("Successful?: {}", yes(1))];
    lines.push(format!("Tagged Into: {}", ctx.call("getTag", args![at(2)])?.show("name")));
    if at(3).is_true() {
        lines.push(format!("Moved From: {}", ctx.call("getTag", args![at(3)])?.show("name")));
    }
    lines.push(format!("Build: {}", ctx.call("getBuild", args![at(4)])?.nvr()));
    lines.push(format!("Tagged By: {}", ctx.call("getUser", args![at(5)])?.show("name")));
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
