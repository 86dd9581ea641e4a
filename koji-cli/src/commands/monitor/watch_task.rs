//! `koji watch-task`

use crate::commands::info::task_list::{Selection, find};
use crate::context::Ctx;
use crate::line;
use crate::stop::{Outcome, Stop};
use crate::task_watch::watch;
use crate::value::View as _;

/// Follow tasks until they end
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji watch-task --mine")]
pub struct Args {
    /// The tasks
    #[arg(value_name = "task id")]
    tasks: Vec<String>,
    /// Tell nothing, only wait
    #[arg(long)]
    quiet: bool,
    #[command(flatten)]
    selection: Selection,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    let selects = args.selection.is_some();
    if selects && !args.tasks.is_empty() {
        return Err(Stop::usage("Selection options cannot be combined with a task list"));
    }
    if args.selection.mine {
        ctx.login()?;
    }
    let tasks = if selects {
        let found = find(ctx, &args.selection, vec![], false)?;
        if found.is_empty() {
            line!(ctx, "(no tasks)");
            return Ok(0);
        }
        found.iter().map(|task| task.int("id")).collect()
    } else {
        ids(&args.tasks)?
    };
    let quiet = args.quiet || ctx.settings.quiet;
    watch(ctx, &tasks, quiet)
}

/// Task ids from words; at least one.
pub fn ids(words: &[String]) -> Result<Vec<i64>, Stop> {
    if words.is_empty() {
        return Err(Stop::usage("at least one task id must be specified"));
    }
    words.iter().map(|word| word.parse().map_err(|_| Stop::usage("task id must be an integer"))).collect()
}
