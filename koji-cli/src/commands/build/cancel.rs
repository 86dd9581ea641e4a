//! `koji cancel`

use koji_core::api::Call;
use koji_core::api::build::CancelBuild;
use koji_core::api::task::{CancelTask, CancelTaskFull};
use koji_core::nvr::Nvr;

use crate::context::Ctx;
use crate::stop::{Outcome, Stop};

/// Cancel tasks or builds
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji cancel 123456 bash-5.2-1.fc40")]
pub struct Args {
    /// Task ids or builds (name-version-release)
    #[arg(required = true, value_name = "task_id|build")]
    what: Vec<String>,
    /// Do not cancel the tasks below them
    #[arg(long)]
    justone: bool,
    /// Cancel everything that belongs to the tasks (admin)
    #[arg(long)]
    full: bool,
    /// With --full: tasks that have ended already are no error
    #[arg(long)]
    force: bool,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    let cancel = |id: i64| -> Call {
        if args.full && !args.justone {
            return CancelTaskFull { strict: !args.force, ..CancelTaskFull::new(id) }.into();
        }
        CancelTask { recurse: !args.justone, ..CancelTask::new(id) }.into()
    };
    let mut tasks = vec![];
    let mut builds = vec![];
    for word in &args.what {
        if let Ok(id) = word.parse::<i64>() {
            tasks.push(cancel(id));
        } else if let Ok(nvr) = Nvr::parse(word) {
            builds.push(CancelBuild { strict: true, ..CancelBuild::new(nvr) }.into());
        } else {
            return Err(Stop::usage("please specify only task ids (integer) or builds (n-v-r)"));
        }
    }
    ctx.login()?;
    tasks.append(&mut builds);
    let mut code = 0;
    while !tasks.is_empty() {
        let rest = tasks.split_off(tasks.len().min(100));
        for error in ctx.multicall(tasks)?.into_iter().filter_map(Result::err) {
            ctx.warn(&error.message)?;
            code = 1;
        }
        tasks = rest;
    }
    Ok(code)
}
