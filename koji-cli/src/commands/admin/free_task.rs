//! `koji free-task`

use koji_core::api::cast::IntLike;
use koji_core::api::task::FreeTask;

use crate::context::Ctx;
use crate::stop::{Outcome, Stop};

/// Free tasks, so that other hosts can take them
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The tasks' ids
    #[arg(required = true, value_name = "task_id")]
    tasks: Vec<String>,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    let id = |word: &String| word.parse().map_err(|_| Stop::usage("task_id must be an integer"));
    let ids: Vec<i64> = args.tasks.iter().map(id).collect::<Result<_, _>>()?;
    ctx.login()?;
    for id in ids {
        ctx.call(FreeTask::new(IntLike(id)))?;
    }
    Ok(0)
}
