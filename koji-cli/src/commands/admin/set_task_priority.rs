//! `koji set-task-priority`

use koji_core::Fault;
use koji_core::api::cast::IntLike;
use koji_core::api::permission::HasPerm;
use koji_core::api::task::SetTaskPriority;
use koji_core::api::user::GetLoggedInUser;

use crate::context::Ctx;
use crate::stop::{Outcome, Stop};
use crate::value::View as _;

/// Set the priority of tasks
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The tasks' ids
    #[arg(required = true, value_name = "task_id")]
    tasks: Vec<String>,
    /// The priority; a lower number is served earlier
    #[arg(long, allow_hyphen_values = true)]
    priority: Option<i64>,
    /// Of the tasks below them too
    #[arg(long)]
    recurse: bool,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    let priority = args.priority.ok_or_else(|| Stop::usage("You must specify --priority"))?;
    let id = |word: &String| word.parse().map_err(|_| Stop::usage("Task numbers must be integers"));
    let ids: Vec<i64> = args.tasks.iter().map(id).collect::<Result<_, _>>()?;
    ctx.login()?;
    if !ctx.call(HasPerm::new("admin"))? {
        let user = ctx.ask(GetLoggedInUser::new())?;
        return Err(Stop::told(format!("admin permission required (logged in as {})", user.str("name"))));
    }
    for id in ids {
        let set =
            SetTaskPriority { recurse: args.recurse, ..SetTaskPriority::new(IntLike(id), IntLike(priority)) };
        match ctx.login()?.call(set) {
            Err(error) if error.fault == Fault::Generic => {
                ctx.warn(format!("Can't update task priority on closed task: {id}"))?;
            }
            done => drop(done?),
        }
    }
    Ok(0)
}
