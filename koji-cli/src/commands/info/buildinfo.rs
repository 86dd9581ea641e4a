//! `koji buildinfo`

use koji_core::api::archive::ListArchives;
use koji_core::api::build::GetBuild;
use koji_core::api::rpm::{GetChangelogEntries, ListRpms};
use koji_core::api::signature::QueryRpmSigs;
use koji_core::api::tag::ListTags;
use koji_core::api::task::GetTaskInfo;
use koji_core::api::typed_build::{GetMavenBuild, GetWinBuild};
use koji_core::build::BuildRef;
use koji_core::client::task_label;
use koji_core::paths::Paths;
use koji_core::wire::Value;

use crate::commands::admin::import::state_name;
use crate::context::Ctx;
use crate::files::{archive_path, rpm_path};
use crate::stop::{Outcome, Stop};
use crate::value::View as _;
use crate::{line, python, when};

/// Show what a build is
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji buildinfo bash-5.2-1.fc40")]
pub struct Args {
    /// The builds: name-version-release or id
    #[arg(required = true, value_name = "n-v-r")]
    build: Vec<String>,
    /// Show the changelog
    #[arg(long)]
    changelog: bool,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    let mut code = 0;
    let mut found = vec![];
    for name in &args.build {
        let key = BuildRef::read(name)?;
        let info = ctx.ask(GetBuild::new(key.clone()))?;
        if info.is_nil() {
            ctx.warn(format!("No such build: {name}\n"))?;
            code = 1;
        } else if ctx.settings.json {
            found.push(info);
        } else {
            let top = Paths::new(&ctx.settings.topdir);
            write_facts(ctx, key, &info)?;
            write_archives(ctx, &top, &info)?;
            write_rpms(ctx, &top, &info)?;
            if args.changelog {
                write_changelog(ctx, &info)?;
            }
        }
    }
    if ctx.settings.json {
        ctx.json(&Value::Array(found))?;
    }
    Ok(code)
}

fn write_facts(ctx: &mut Ctx<'_>, key: BuildRef, info: &Value) -> Result<(), Stop> {
    let state = state_name(info.int("state"));
    line!(
        ctx,
        "BUILD: {}-{}-{} [{}]",
        info.str("name"),
        info.str("version"),
        info.str("release"),
        info.int("id")
    );
    if info.has("draft") {
        line!(ctx, "Draft: YES");
    }
    line!(ctx, "State: {state}");
    if state == "BUILDING" {
        line!(ctx, "Reserved by: {}", info.show("cg_name"));
    }
    line!(ctx, "Built by: {}", info.show("owner_name"));
    if !info.at("source").is_nil() {
        line!(ctx, "Source: {}", info.show("source"));
    }
    if info.get("volume_name").is_some() {
        line!(ctx, "Volume: {}", info.show("volume_name"));
    }
    match task_id(info) {
        None => line!(ctx, "Task: none"),
        Some(id) => match ctx.ask(GetTaskInfo { request: true, ..GetTaskInfo::new(id) })? {
            Value::Nil => line!(ctx, "Task: none"),
            task => line!(ctx, "Task: {id} {}", task_label(&task)),
        },
    }
    line!(ctx, "Finished: {}", time(info, "completion_ts"));
    if info.has("promotion_ts") {
        line!(ctx, "Promoted by: {}", info.show("promoter_name"));
        line!(ctx, "Promoted at: {}", time(info, "promotion_ts"));
    }
    let maven = ctx.ask(GetMavenBuild::new(info.int("id")))?;
    if maven.is_true() {
        line!(ctx, "Maven groupId: {}", maven.str("group_id"));
        line!(ctx, "Maven artifactId: {}", maven.str("artifact_id"));
        line!(ctx, "Maven version: {}", maven.str("version"));
    }
    let win = ctx.ask(GetWinBuild::new(info.int("id")))?;
    if win.is_true() {
        line!(ctx, "Windows build platform: {}", win.str("platform"));
    }
    let tags = ctx.ask(ListTags { build: Some(key), ..ListTags::new() })?;
    let tags: Vec<&str> = tags.items().iter().map(|tag| tag.str("name")).collect();
    line!(ctx, "Tags: {}", tags.join(" "));
    if info.has("extra") {
        line!(ctx, "Extra: {}", python::repr(info.at("extra")));
    }
    Ok(())
}

/// A time of an answer; empty if it is not known.
pub fn time(info: &Value, name: &str) -> String {
    info.at(name).as_f64().map(when::long).unwrap_or_default()
}

/// The task that made a build; content generators keep it elsewhere.
fn task_id(info: &Value) -> Option<i64> {
    info.at("task_id").as_int().or_else(|| info.at("extra").at("container_koji_task_id").as_int())
}

fn write_archives(ctx: &mut Ctx<'_>, top: &Paths, info: &Value) -> Result<(), Stop> {
    let id = info.int("id");
    let mut seen = vec![];
    for (kind, title) in [("maven", "Maven"), ("win", "Windows"), ("image", "Image")] {
        let r#type = Some(kind.to_owned());
        let archives = ctx.ask(ListArchives { buildID: Some(id), r#type, ..ListArchives::new() })?;
        if archives.is_true() {
            line!(ctx, "{title} archives:");
        }
        for archive in archives.items() {
            seen.push(archive.int("id"));
            line!(ctx, "{}", archive_path(top, info, archive, kind));
        }
    }
    let others = ctx.ask(ListArchives { buildID: Some(id), ..ListArchives::new() })?;
    let mut kinds: Vec<(String, Vec<String>)> = vec![];
    for archive in others.items().iter().filter(|archive| !seen.contains(&archive.int("id"))) {
        let kind = archive.str("btype");
        let path = archive_path(top, info, archive, kind);
        match kinds.iter_mut().find(|(known, _)| known == kind) {
            Some((_, paths)) => paths.push(path),
            None => kinds.push((kind.to_owned(), vec![path])),
        }
    }
    for (kind, paths) in kinds {
        line!(ctx, "{} Archives:", capitalized(&kind));
        for path in paths {
            line!(ctx, "{path}");
        }
    }
    Ok(())
}

fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    first + &chars.as_str().to_lowercase()
}

fn write_rpms(ctx: &mut Ctx<'_>, top: &Paths, info: &Value) -> Result<(), Stop> {
    let rpms = ctx.ask(ListRpms { buildID: Some(info.int("id")), ..ListRpms::new() })?;
    if !rpms.is_true() {
        return Ok(());
    }
    let ids = rpms.items().iter().map(|rpm| rpm.int("id"));
    let calls = ids.map(|id| QueryRpmSigs { rpm_id: id.into(), ..QueryRpmSigs::new() });
    let signatures = ctx.multicall_strict(calls)?;
    line!(ctx, "RPMs:");
    for (rpm, signatures) in rpms.items().iter().zip(&signatures) {
        let mut keys: Vec<&str> = signatures.items().iter().map(|sig| sig.str("sigkey")).collect();
        keys.retain(|key| !key.is_empty());
        keys.sort_unstable();
        let path = rpm_path(top, info, rpm);
        if keys.is_empty() {
            line!(ctx, "{path}");
        } else {
            line!(ctx, "{path}\tSignatures: {}", keys.join(", "));
        }
    }
    Ok(())
}

fn write_changelog(ctx: &mut Ctx<'_>, info: &Value) -> Result<(), Stop> {
    let entries =
        ctx.ask(GetChangelogEntries { buildID: info.int("id").into(), ..GetChangelogEntries::new() })?;
    if !entries.is_true() {
        return Ok(());
    }
    line!(ctx, "Changelog:");
    for entry in entries.items() {
        let date = when::changelog_date(entry.float("date_ts"));
        line!(ctx, "* {date} {}\n{}\n", entry.str("author"), entry.str("text"));
    }
    line!(ctx);
    Ok(())
}
