//! `koji download-logs`

use koji_core::api::build::{GetBuild, GetBuildLogs};
use koji_core::api::task::{GetTaskChildren, GetTaskInfo, GetTaskResult};
use koji_core::nvr::Nvr;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Component, Path, PathBuf};

use koji_core::Error;
use koji_core::client::watch::{State, state_of};
use koji_core::client::{Expected, OutputPlace};
use koji_core::wire::Value;

use crate::commands::admin::import::state_name;
use crate::context::Ctx;
use crate::files::{Downloads, HubFile, Manner, matches_glob};
use crate::stop::{Outcome, Stop, class_of};
use crate::task_watch::{OutputFile, task_output};
use crate::value::View as _;
use crate::{line, python};

/// The file that tells why a task failed.
const FAIL_LOG: &str = "task_failed.log";

/// Download the logs of tasks
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  koji download-logs --recurse 123456
  koji download-logs --nvr --match \"build.log\" bash-5.2-1.fc40")]
pub struct Args {
    /// The tasks, or builds with --nvr
    #[arg(required = true, value_name = "task_id")]
    what: Vec<String>,
    /// The tasks below them as well
    #[arg(short, long)]
    recurse: bool,
    /// The names are those of builds
    #[arg(long)]
    nvr: bool,
    /// Only logs whose names match a shell pattern
    #[arg(short, long = "match", value_name = "PATTERN")]
    patterns: Vec<String>,
    /// Go on with files that are there already
    #[arg(short = 'c', long = "continue")]
    cont: bool,
    /// Where to put them
    #[arg(short, long, value_name = "DIRECTORY", default_value = "kojilogs")]
    dir: PathBuf,
}

pub fn run(ctx: &mut Ctx<'_>, mut args: Args) -> Outcome {
    args.recurse |= args.nvr;
    for word in args.what.clone() {
        if args.nvr {
            save_build(ctx, &args, &word)?;
            continue;
        }
        let id = word.parse().map_err(|_| {
            let shown = python::repr(&Value::String(word.clone()));
            Stop::told(format!("Task id must be a number: {shown}"))
        })?;
        save_tasks(ctx, &args, id)?;
    }
    Ok(0)
}

fn save_build(ctx: &mut Ctx<'_>, args: &Args, nvr: &str) -> Result<(), Stop> {
    let build = ctx.ask(GetBuild::new(Nvr::parse(nvr)?))?;
    if build.is_nil() {
        return Err(Stop::told(format!("There is no build with n-v-r: {nvr}")));
    }
    let state = state_name(build.int("state"));
    if state == "COMPLETE" {
        line!(ctx, "Using build ID: {}", build.int("build_id"));
        return save_build_logs(ctx, args, nvr, build.int("build_id"));
    }
    if !build.has("task_id") {
        line!(ctx, "Unable to download build {nvr} (state={state})");
        return Ok(());
    }
    line!(ctx, "Build {nvr} is {state}");
    line!(ctx, "Using task ID: {}", build.int("task_id"));
    save_tasks(ctx, args, build.int("task_id"))
}

fn save_build_logs(ctx: &mut Ctx<'_>, args: &Args, nvr: &str, id: i64) -> Result<(), Stop> {
    let topurl = ctx.settings.topurl.clone();
    if topurl.is_empty() {
        return Err(Stop::told("The logs of builds are fetched from the hub's files: give --topurl"));
    }
    let logs = ctx.ask(GetBuildLogs::new(id))?;
    let mut downloads =
        Downloads::new(ctx, &topurl, Manner { quiet: ctx.settings.quiet, noprogress: false }, 0);
    for log in logs.items() {
        let name = log.str("name");
        if !name.ends_with(".log") || !wanted(args, name) {
            continue;
        }
        let dest = safe(args.dir.join(nvr), name)?;
        let dest = dest.to_string_lossy();
        let expected = Expected::default();
        downloads.fetch(ctx, HubFile { path: log.str("path"), dest: &dest, expected: &expected })?;
    }
    Ok(())
}

fn wanted(args: &Args, name: &str) -> bool {
    args.patterns.is_empty() || args.patterns.iter().any(|pattern| matches_glob(pattern, name))
}

/// A path below a directory; names from the hub must not lead out of it.
fn safe(dir: PathBuf, name: &str) -> Result<PathBuf, Stop> {
    if Path::new(name).components().all(|part| matches!(part, Component::Normal(_))) {
        Ok(dir.join(name))
    } else {
        Err(Stop::told(format!("Invalid file name: {name}")))
    }
}

/// The logs of a task and, if asked for, of those below it, whose directories lie in its own.
fn save_tasks(ctx: &mut Ctx<'_>, args: &Args, id: i64) -> Result<(), Stop> {
    let mut open = vec![(id, args.dir.clone())];
    while let Some((id, parent)) = open.pop() {
        let dir = save_task(ctx, args, id, &parent)?;
        if args.recurse {
            let children = ctx.ask(GetTaskChildren::new(id))?;
            open.extend(children.items().iter().rev().map(|child| (child.int("id"), dir.clone())));
        }
    }
    Ok(())
}

fn save_task(ctx: &mut Ctx<'_>, args: &Args, id: i64, parent: &Path) -> Result<PathBuf, Stop> {
    let info = ctx.ask(GetTaskInfo::new(id))?;
    if info.is_nil() {
        return Err(Stop::told(format!("No such task: {id}")));
    }
    let mut files = task_output(ctx, id)?;
    files.retain(|file| file.name.ends_with(".log") && wanted(args, &file.name));
    let dir = safe(parent.to_owned(), &format!("{}-{id}", info.show("arch")))?;
    let mut count = files.len();
    match state_of(&info) {
        Some(State::Failed) if wanted(args, FAIL_LOG) => {
            save_failure(ctx, id, &dir)?;
            count += 1;
        }
        Some(state) if !state.is_final() => ctx.warn(format!("Task {id} is {}\n", state.name()))?,
        _ => {}
    }
    for file in &files {
        save_log(ctx, args, (id, file), &dir)?;
    }
    if count == 0 && !args.recurse {
        ctx.warn(format!("No logs found for task {id}. Perhaps try --recurse?\n"))?;
    }
    Ok(dir)
}

fn save_failure(ctx: &mut Ctx<'_>, id: i64, dir: &Path) -> Result<(), Stop> {
    let text = match ctx.call(GetTaskResult::new(id)) {
        Ok(result) => python::pprint(&result),
        Err(Stop::Fault(error)) => format!("koji.{}: {}\n", class_of(error.fault), error.message),
        Err(other) => return Err(other),
    };
    let path = dir.join(FAIL_LOG);
    line!(ctx, "Writing: {}", path.display());
    std::fs::create_dir_all(dir).map_err(|error| Error::io(dir, error))?;
    std::fs::write(&path, text).map_err(|error| Error::io(&path, error))?;
    Ok(())
}

fn save_log(ctx: &mut Ctx<'_>, args: &Args, (id, file): (i64, &OutputFile), dir: &Path) -> Result<(), Stop> {
    let dir = match file.volume() {
        Some(volume) => safe(dir.to_owned(), volume)?,
        None => dir.to_owned(),
    };
    let path = safe(dir, &file.name)?;
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(|error| Error::io(parent, error))?;
    }
    let (mut local, mut offset) = open(ctx, args, &path)?;
    loop {
        let place = OutputPlace { task_id: id, name: &file.name, volume: &file.volume };
        let bytes = ctx.session()?.task_output(place, offset, 102_400)?;
        if bytes.is_empty() {
            return Ok(());
        }
        local.write_all(&bytes).map_err(|error| Error::io(&path, error))?;
        offset += bytes.len() as i64;
    }
}

fn open(ctx: &mut Ctx<'_>, args: &Args, path: &Path) -> Result<(File, i64), Stop> {
    let size = path.metadata().ok().filter(|_| args.cont).map(|found| found.len());
    let file = match size {
        Some(_) => {
            line!(ctx, "Continuing: {}", path.display());
            OpenOptions::new().append(true).open(path)
        }
        None => {
            line!(ctx, "Downloading: {}", path.display());
            File::create(path)
        }
    };
    let file = file.map_err(|error| Error::io(path, error))?;
    Ok((file, size.and_then(|size| i64::try_from(size).ok()).unwrap_or(0)))
}
