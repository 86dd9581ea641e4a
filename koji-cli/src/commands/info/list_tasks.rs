//! `koji list-tasks`

use koji_core::wire::Value;

use super::task_list::{HEADER, Selection, find, write};
use crate::context::Ctx;
use crate::stop::{Outcome, Stop};
use crate::value::put;
use crate::{line, when};

/// List tasks that have not ended
#[derive(clap::Args, Debug)]
#[command(after_help = "Times are timestamps or local times: YYYY-MM-DD [HH:MM[:SS]].

Example: koji list-tasks --mine")]
pub struct Args {
    #[command(flatten)]
    selection: Selection,
    /// No header
    #[arg(long)]
    quiet: bool,
    /// Tasks that started before a time
    #[arg(long, value_parser = when::parse)]
    before: Option<f64>,
    /// Tasks that started after a time
    #[arg(long, value_parser = when::parse)]
    after: Option<f64>,
    /// Tasks that have ended as well; needs --after
    #[arg(long)]
    all: bool,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    if args.all && args.after.is_none() {
        return Err(Stop::usage("--all must be used with --after"));
    }
    ctx.login()?;
    let mut opts = vec![];
    if let Some(time) = args.after {
        put(&mut opts, "startedAfter", time);
    }
    if let Some(time) = args.before {
        put(&mut opts, "startedBefore", time);
    }
    let tasks = find(ctx, &args.selection, opts, args.all)?;
    if ctx.settings.json {
        ctx.json(&Value::Array(tasks))?;
    } else if tasks.is_empty() {
        line!(ctx, "(no tasks)");
    } else {
        if !(args.quiet || ctx.settings.quiet) {
            line!(ctx, "{HEADER}");
        }
        write(ctx, &tasks)?;
    }
    Ok(0)
}
