//! `koji download-task`

use koji_core::api::task::{GetTaskChildren, GetTaskInfo};
use std::collections::HashSet;

use koji_core::client::watch::{State, state_of};
use koji_core::client::{Content, Expected};
use koji_core::paths::Paths;
use koji_core::wire::Value;
use regex::Regex;

use crate::context::Ctx;
use crate::files::{Downloads, HubFile, Manner};
use crate::line;
use crate::stop::{Outcome, Stop};
use crate::task_watch::{OutputFile, task_output, watch};
use crate::terminal;
use crate::value::{View as _, into_items};

/// Download the files of a task
///
/// Without --all, only the rpms of builds are downloaded.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji download-task --arch x86_64 --logs 123456")]
pub struct Args {
    /// The task
    task_id: i64,
    /// Only rpms of this arch
    #[arg(long = "arch", value_name = "ARCH")]
    arches: Vec<String>,
    /// Logs as well
    #[arg(long)]
    logs: bool,
    /// The URL of the hub's files
    #[arg(long, value_name = "URL")]
    topurl: Option<String>,
    /// Show no progress
    #[arg(long)]
    noprogress: bool,
    /// Wait for the task to end
    #[arg(long, overrides_with = "nowait")]
    wait: bool,
    /// Do not wait
    #[arg(long, overrides_with = "wait")]
    nowait: bool,
    /// Tell less
    #[arg(short, long)]
    quiet: bool,
    /// All files of all tasks below it
    #[arg(long)]
    all: bool,
    /// A directory per task
    #[arg(long)]
    dirpertask: bool,
    /// Not the tasks below it
    #[arg(long)]
    parentonly: bool,
    /// Only files whose names match this regular expression
    #[arg(long)]
    filter: Vec<String>,
    /// No files whose names match this regular expression
    #[arg(long)]
    skip: Vec<String>,
}

pub fn run(ctx: &mut Ctx<'_>, mut args: Args) -> Outcome {
    if !args.filter.is_empty() && !args.skip.is_empty() {
        return Err(Stop::usage("Only filter or skip may be specified. Not both."));
    }
    args.arches = args.arches.iter().flat_map(|list| list.split(',')).map(str::to_owned).collect();
    args.quiet |= ctx.settings.quiet;
    let choice = Choice { filter: regexes(&args.filter)?, skip: regexes(&args.skip)?, args: &args };
    let tasks = tasks(ctx, &args)?;
    let mut files = vec![];
    for task in &tasks {
        for file in task_output(ctx, task.int("id"))? {
            if let Some(dest) = choice.destination(task, &file) {
                files.push((task.int("id"), file, dest));
            }
        }
    }
    if files.is_empty() {
        line!(ctx, "No files for download found.");
        return Ok(0);
    }
    fetch(ctx, &args, files)
}

/// The task and those below it, all of them closed.
fn tasks(ctx: &mut Ctx<'_>, args: &Args) -> Result<Vec<Value>, Stop> {
    let id = args.task_id;
    let mut base = ctx.ask(GetTaskInfo::new(id))?;
    if !base.is_true() {
        return Err(Stop::told(format!("No such task: {id}")));
    }
    let waits = if args.wait || args.nowait { args.wait } else { !terminal::in_background() };
    if waits && !state_of(&base).is_some_and(State::is_final) {
        watch(ctx, &[id], args.quiet)?;
        base = ctx.ask(GetTaskInfo::new(id))?;
    }
    let mut tasks = vec![base];
    if !args.parentonly {
        tasks.extend(into_items(ctx.ask(GetTaskChildren::new(id))?));
    }
    tasks.sort_by_key(|task| task.int("id"));
    for task in &tasks {
        let number = task.int("id");
        let title = if number == id { "Task" } else { "Child task" };
        let reason = match state_of(task) {
            Some(State::Closed) => continue,
            Some(State::Failed) => "failed. You can use save-failed-tree plugin for FAILED tasks.",
            Some(State::Canceled) => "was canceled.",
            _ => "has not finished yet.",
        };
        return Err(Stop::told(format!("{title} {number} {reason}")));
    }
    Ok(tasks)
}

fn regexes(texts: &[String]) -> Result<Vec<Regex>, Stop> {
    texts.iter().map(|text| Regex::new(text).map_err(|error| Stop::usage(error.to_string()))).collect()
}

/// Which files are wanted, and under what names.
struct Choice<'a> {
    filter: Vec<Regex>,
    skip: Vec<Regex>,
    args: &'a Args,
}

impl Choice<'_> {
    /// The name to save a file as; none if it is not wanted.
    fn destination(&self, task: &Value, file: &OutputFile) -> Option<String> {
        let name = file.name.as_str();
        if !self.filter.iter().all(|filter| filter.is_match(name))
            || self.skip.iter().any(|skip| skip.is_match(name))
        {
            return None;
        }
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let is_rpm = extension == "rpm" && ["build", "buildArch"].contains(&task.str("method"));
        let source = name.ends_with("src.rpm");
        let wanted = if is_rpm {
            let arch = name.rsplit('.').nth(1).unwrap_or_default();
            self.args.arches.is_empty() || self.args.arches.iter().any(|wanted| wanted == arch)
        } else if extension == "log" {
            self.args.logs
        } else {
            self.args.all
        };
        if !wanted {
            return None;
        }
        let volume = file.volume().map(|volume| format!("{volume}/")).unwrap_or_default();
        if self.args.dirpertask {
            return Some(format!("{}/{volume}{name}", task.int("id")));
        }
        let arch = task.str("arch");
        if is_rpm || source || extension.is_empty() || name.contains(arch) {
            return Some(format!("{volume}{name}"));
        }
        // the same names come from every arch
        let stem = &name[..name.len() - extension.len() - 1];
        Some(format!("{volume}{stem}.{arch}.{extension}"))
    }
}

fn fetch(ctx: &mut Ctx<'_>, args: &Args, files: Vec<(i64, OutputFile, String)>) -> Outcome {
    let topurl = args.topurl.clone().unwrap_or_else(|| ctx.settings.topurl.clone());
    if topurl.is_empty() {
        return Err(Stop::told("You must specify --topurl to download files"));
    }
    let how = Manner { quiet: args.quiet, noprogress: args.noprogress };
    let mut downloads = Downloads::new(ctx, &topurl, how, files.len());
    let mut seen = HashSet::new();
    let mut twice = false;
    for (id, file, dest) in files {
        if file.name.contains("..") {
            return Err(Stop::told(format!("Invalid file name: {}", file.name)));
        }
        if seen.insert(dest.clone()) {
            let path = format!("{}/{}", Paths::new("").task(id, file.volume()).display(), file.name);
            downloads.fetch(ctx, HubFile { path: &path, dest: &dest, expected: &expected(&file) })?;
            continue;
        }
        twice = true;
        downloads.announce(ctx, &dest)?;
        if !args.quiet {
            line!(ctx, "File {dest} already downloaded, skipping");
        }
    }
    if twice {
        ctx.warn("Duplicate files, for download all duplicate files use --dirpertask.")?;
    }
    Ok(0)
}

/// The hub tells the length of a task's files, and an rpm tells what is in it.
fn expected(file: &OutputFile) -> Expected {
    let content = file.name.ends_with(".rpm").then_some(Content::Rpm(None));
    Expected { size_bytes: file.size_bytes, content }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kwargs;

    fn choose(line: &[&str], method: &str, name: &str) -> Option<String> {
        #[derive(clap::Parser)]
        struct Line {
            #[command(flatten)]
            args: Args,
        }
        let words = ["download-task", "7"].iter().chain(line);
        let args = <Line as clap::Parser>::parse_from(words).args;
        let task = Value::Struct(kwargs![id = 7, method = method, arch = "x86_64"]);
        let file = OutputFile { name: name.into(), volume: "DEFAULT".into(), size_bytes: None };
        Choice { filter: vec![], skip: vec![], args: &args }.destination(&task, &file)
    }

    #[test]
    fn rpms_come_without_asking() {
        assert_eq!(choose(&[], "buildArch", "a-1-1.x86_64.rpm").as_deref(), Some("a-1-1.x86_64.rpm"));
        assert_eq!(choose(&["--arch", "src"], "buildArch", "a-1-1.x86_64.rpm"), None);
        assert_eq!(choose(&[], "buildArch", "build.log"), None);
    }

    #[test]
    fn logs_bear_their_arch() {
        assert_eq!(choose(&["--logs"], "buildArch", "build.log").as_deref(), Some("build.x86_64.log"));
        let dir = choose(&["--logs", "--dirpertask"], "buildArch", "build.log");
        assert_eq!(dir.as_deref(), Some("7/build.log"));
        assert_eq!(choose(&["--all"], "image", "disk.qcow2").as_deref(), Some("disk.x86_64.qcow2"));
    }
}
