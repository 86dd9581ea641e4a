//! `koji save-failed-tree`

use koji_core::api::buildroot::ListBuildroots;
use koji_core::api::plugged::SaveFailedTree;

use crate::context::Ctx;
use crate::line;
use crate::stop::{Outcome, Stop};
use crate::task_watch::watch;
use crate::value::View as _;

/// Have the buildroot of a failed task uploaded
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji save-failed-tree 12345")]
pub struct Args {
    /// A task, or with --buildroot a buildroot
    #[arg(value_name = "ID")]
    id: String,
    /// Save the whole tree instead of the build directory
    #[arg(short, long)]
    full: bool,
    /// The id is that of a task (the default)
    #[arg(short, long, overrides_with = "buildroot")]
    task: bool,
    /// The id is that of a buildroot
    #[arg(short = 'r', long, overrides_with = "task")]
    buildroot: bool,
    /// Tell less
    #[arg(long)]
    quiet: bool,
    /// Do not wait for the result
    #[arg(long)]
    nowait: bool,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    let id: i64 = args.id.parse().map_err(|_| Stop::usage("ID must be an integer"))?;
    ctx.login()?;
    let root = if args.buildroot { Some(id) } else { root_of_task(ctx, id)? };
    let Some(root) = root else {
        line!(ctx, "No buildroots for task {id}");
        return Ok(1);
    };
    let task = ctx.call(SaveFailedTree { full: args.full.into(), ..SaveFailedTree::new(root) })?.into();
    let quiet = args.quiet || ctx.settings.quiet;
    if !quiet {
        line!(ctx, "Created task {task} for buildroot {root}");
        line!(ctx, "Task info: {}/taskinfo?taskID={task}", ctx.settings.weburl);
    }
    if args.nowait {
        return Ok(0);
    }
    ctx.finish();
    watch(ctx, &[task], quiet)
}

/// The last buildroot of a task.
fn root_of_task(ctx: &mut Ctx<'_>, task: i64) -> Result<Option<i64>, Stop> {
    let roots = ctx.ask(ListBuildroots { taskID: Some(task), ..ListBuildroots::new() })?;
    let last = roots.items().iter().map(|root| root.int("id")).max();
    if let Some(last) = last.filter(|_| roots.items().len() > 1) {
        line!(ctx, "Multiple buildroots for task. Choosing last one ({last})");
    }
    Ok(last)
}
