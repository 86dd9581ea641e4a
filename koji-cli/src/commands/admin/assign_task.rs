//! `koji assign-task`

use koji_core::Error;
use koji_core::api::cast::{CheckedBool, IntLike};
use koji_core::api::host::GetHost;
use koji_core::api::permission::HasPerm;
use koji_core::api::task::{AssignTask, GetTaskInfo};
use koji_core::db::Lookup;

use crate::context::Ctx;
use crate::line;
use crate::stop::{Outcome, Stop};

/// Assign a task to a host
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The task's id
    task_id: i64,
    /// The host
    hostname: String,
    /// Take it from the host that has it
    #[arg(short, long)]
    force: bool,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    let Args { task_id, hostname, force } = args;
    if ctx.ask(GetTaskInfo::new(task_id))?.is_nil() {
        return Err(Error::generic(format!("No such task: {task_id}")).into());
    }
    if ctx.ask(GetHost::new(Lookup::from(hostname.as_str())))?.is_nil() {
        return Err(Error::generic(format!("No such host: {hostname}")).into());
    }
    ctx.login()?;
    if !ctx.call(HasPerm::new("admin"))? {
        return Err(Stop::usage("This action requires admin privileges"));
    }
    let assign =
        AssignTask { force: CheckedBool(force), ..AssignTask::new(IntLike(task_id), hostname.as_str()) };
    if ctx.call(assign)? {
        line!(ctx, "assigned task {task_id} to host {hostname}");
    } else {
        line!(ctx, "failed to assign task {task_id} to host {hostname}");
    }
    Ok(0)
}
