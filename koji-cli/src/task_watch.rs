//! Following tasks on the screen until they end, as `koji build` and `koji watch-task` do.

use koji_core::api::host::GetHost;
use koji_core::api::task::{GetTaskChildren, GetTaskInfo, GetTaskResult, ListTaskOutput};
use koji_core::client::watch::{Change, State, TaskWatch, Watched, state_of};
use koji_core::paths::{DEFAULT_VOLUME, Paths};
use koji_core::wire::Value;

use crate::context::Ctx;
use crate::line;
use crate::pause::Pause;
use crate::stop::{Outcome, Stop, class_of};
use crate::terminal;
use crate::value::View as _;

/// Follows tasks unless the user wants to go on at once: by default where somebody watches.
pub fn watch_if(ctx: &mut Ctx<'_>, wait: Option<bool>, tasks: &[i64], quiet: bool) -> Outcome {
    if !wait.unwrap_or_else(|| !terminal::in_background()) {
        return Ok(0);
    }
    // the login is not needed for watching, which may take hours
    ctx.finish();
    watch(ctx, tasks, quiet)
}

/// Whether a command follows the task that it has made, and how much it tells.
#[derive(clap::Args, Clone, Debug)]
pub struct Following {
    /// Wait for the result, even in the background
    #[arg(long, overrides_with = "nowait")]
    wait: bool,
    /// Do not wait for the result
    #[arg(long, overrides_with = "wait")]
    nowait: bool,
    /// Tell less
    #[arg(long)]
    quiet: bool,
}

impl Following {
    /// Tells of a new task and follows it, if that is wanted.
    pub fn follow(&self, ctx: &mut Ctx<'_>, task: i64) -> Outcome {
        let quiet = self.quiet || ctx.settings.quiet;
        if !quiet {
            ctx.show_task(task)?;
        }
        self.watch(ctx, task)
    }

    /// Follows a task that was told of already, if that is wanted.
    pub fn watch(&self, ctx: &mut Ctx<'_>, task: i64) -> Outcome {
        let wait = (self.wait || self.nowait).then_some(self.wait);
        let quiet = self.quiet || ctx.settings.quiet;
        watch_if(ctx, wait, &[task], quiet)
    }
}

/// Follows tasks and those below them. The code is 1 if one of them did not end well.
pub fn watch(ctx: &mut Ctx<'_>, tasks: &[i64], quiet: bool) -> Outcome {
    // a task that was only rehearsed is not there
    if tasks.is_empty() || ctx.settings.what_if {
        return Ok(0);
    }
    if !quiet {
        line!(ctx, "Watching tasks (this may be safely interrupted)...");
    }
    ctx.out.flush()?;
    let mut pause = Pause::new(false);
    let mut watch = TaskWatch::new(tasks.iter().copied());
    loop {
        let found_children = look(ctx, &mut watch, quiet)?;
        if watch.all_done() && !found_children {
            break;
        }
        ctx.out.flush()?;
        if pause.wait(ctx, tasks) {
            if !quiet {
                tell_running(ctx, &watch)?;
            }
            return Err(Stop::Quiet(1));
        }
    }
    if !quiet {
        line!(ctx);
        tell_results(ctx, &watch)?;
    }
    Ok(u8::from(watch.any_failed()))
}

/// Asks for every task that has not ended; true if tasks below them turned up.
fn look(ctx: &mut Ctx<'_>, watch: &mut TaskWatch, quiet: bool) -> Result<bool, Stop> {
    let ids: Vec<i64> = watch.tasks().iter().map(|task| task.id).collect();
    let mut found_children = false;
    for id in ids {
        update(ctx, watch, id, quiet)?;
        let children = ctx.ask(GetTaskChildren::new(id))?;
        for child in children.items() {
            if watch.add_child(id, child.int("id")) {
                update(ctx, watch, child.int("id"), quiet)?;
                found_children = true;
            }
        }
    }
    Ok(found_children)
}

fn update(ctx: &mut Ctx<'_>, watch: &mut TaskWatch, id: i64, quiet: bool) -> Result<(), Stop> {
    if watch.get(id).is_some_and(Watched::is_done) {
        return Ok(());
    }
    let info = ctx.ask(GetTaskInfo { request: true, ..GetTaskInfo::new(id) })?;
    if info.is_nil() {
        if !quiet {
            line!(ctx, "No such task id: {id}");
        }
        return Err(Stop::Quiet(1));
    }
    let change = watch.update(id, info);
    let Some(task) = watch.get(id).cloned() else { return Ok(()) };
    let (Some(info), false) = (&task.info, quiet) else { return Ok(()) };
    match change {
        Change::Same => {}
        Change::First => {
            let state = display_state(ctx, id, info, task.level)?;
            line!(ctx, "{}: {state}", task.title());
        }
        Change::Moved(former) => {
            let before = display_state(ctx, id, &former, 0)?;
            let now = display_state(ctx, id, info, 0)?;
            line!(ctx, "{}: {before} -> {now}", task.title());
            if task.is_done() {
                let tally = watch.tally();
                line!(
                    ctx,
                    "  {} free  {} open  {} done  {} failed",
                    tally.free,
                    tally.open,
                    tally.done,
                    tally.failed
                );
            }
        }
    }
    Ok(())
}

/// The state with the host that works on it, or with the reason of a failure and its logs.
fn display_state(ctx: &mut Ctx<'_>, id: i64, info: &Value, level: usize) -> Result<String, Stop> {
    let Some(state) = state_of(info) else { return Ok("unknown".into()) };
    let name = state.name().to_lowercase();
    match state {
        State::Open | State::Assigned if info.has("host_id") => {
            let host = ctx.ask(GetHost::new(info.int("host_id")))?;
            Ok(format!("{name} ({})", host.str("name")))
        }
        State::Failed => {
            let reason = failure(ctx, id)?;
            let logs = relevant_logs(ctx, id, level + 1)?;
            Ok(format!("FAILED: {reason}{logs}"))
        }
        _ => Ok(name),
    }
}

fn failure(ctx: &mut Ctx<'_>, id: i64) -> Result<String, Stop> {
    match ctx.call(GetTaskResult::new(id)) {
        Ok(_) => Ok(String::new()),
        Err(Stop::Fault(error)) => Ok(format!("{}: {}", class_of(error.fault), error.message.trim())),
        Err(other) => Err(other),
    }
}

fn relevant_logs(ctx: &mut Ctx<'_>, id: i64, level: usize) -> Result<String, Stop> {
    if ctx.settings.topurl.is_empty() {
        return Ok(String::new());
    }
    let indent = "  ".repeat(level);
    let paths = Paths::new(&ctx.settings.topurl);
    let mut logs = vec![];
    for file in task_output(ctx, id)? {
        if file.name.ends_with("log") {
            let dir = paths.task(id, file.volume());
            logs.push(format!("{indent}{}/{}", dir.display(), file.name));
        }
    }
    if logs.is_empty() {
        return Ok(String::new());
    }
    Ok(format!("\n{indent}Relevant logs:\n{}", logs.join("\n")))
}

fn tell_results(ctx: &mut Ctx<'_>, watch: &TaskWatch) -> Result<(), Stop> {
    for task in watch.tasks().iter().filter(|task| task.level == 0) {
        let title = task.title();
        match task.state() {
            Some(State::Closed) => line!(ctx, "{title} completed successfully"),
            Some(State::Failed) => line!(ctx, "{title} failed"),
            Some(State::Canceled) => line!(ctx, "{title} was canceled"),
            _ => line!(ctx, "{title} has not completed"),
        }
    }
    Ok(())
}

fn tell_running(ctx: &mut Ctx<'_>, watch: &TaskWatch) -> Result<(), Stop> {
    let program = ctx.program.clone();
    line!(ctx, "Tasks still running. You can continue to watch with the '{program} watch-task' command.");
    line!(ctx, "Running Tasks:");
    for task in watch.tasks().iter().filter(|task| !task.is_done()) {
        let state = match &task.info {
            Some(info) => display_state(ctx, task.id, info, task.level)?,
            None => "unknown".into(),
        };
        line!(ctx, "{}: {state}", task.title());
    }
    Ok(())
}

/// A file that a task left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputFile {
    /// Its name below the task's directory.
    pub name: String,
    /// The volume's name.
    pub volume: String,
    /// How long it is, if the hub tells.
    pub size_bytes: Option<u64>,
}

impl OutputFile {
    /// The volume, if it is not the default one.
    pub fn volume(&self) -> Option<&str> {
        Some(self.volume.as_str()).filter(|volume| *volume != DEFAULT_VOLUME)
    }
}

/// The files that a task left, on all volumes.
pub fn task_output(ctx: &mut Ctx<'_>, id: i64) -> Result<Vec<OutputFile>, Stop> {
    let answer = ctx.call(ListTaskOutput { stat: true, all_volumes: true, ..ListTaskOutput::new(id) })?;
    // sizes beyond an old protocol's numbers come as texts
    let size = |stat: &Value| match stat.at("st_size") {
        Value::String(digits) => digits.parse().ok(),
        size => size.as_int().and_then(|size| u64::try_from(size).ok()),
    };
    let files = answer.as_struct().unwrap_or(&[]).iter().flat_map(|(name, volumes)| {
        volumes.as_struct().unwrap_or(&[]).iter().map(|(volume, stat)| OutputFile {
            name: name.clone(),
            volume: volume.clone(),
            size_bytes: size(stat),
        })
    });
    Ok(files.collect())
}
