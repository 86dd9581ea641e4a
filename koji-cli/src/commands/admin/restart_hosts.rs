//! `koji restart-hosts`

use koji_core::api::task::ListTasks;
use koji_core::api::task_ask::RestartHosts;
use koji_core::client::watch::State;
use koji_core::wire::Value;

use crate::context::Ctx;
use crate::kwargs;
use crate::python;
use crate::stop::{Outcome, Stop};
use crate::task_watch::Following;
use crate::value::{View as _, put};

/// Restart the builders of enabled hosts
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji restart-hosts --channel createrepo")]
pub struct Args {
    /// Make a task even if there is one already
    #[arg(long)]
    force: bool,
    /// Only the hosts of this channel
    #[arg(long)]
    channel: Option<String>,
    /// Only hosts of this arch; may be given several times
    #[arg(short, long = "arch")]
    arches: Vec<String>,
    /// Give up after this many seconds
    #[arg(long, value_name = "N")]
    timeout: Option<i64>,
    #[command(flatten)]
    following: Following,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    ctx.login()?;
    if !args.force {
        check_others(ctx)?;
    }
    let mut options = vec![];
    if let Some(channel) = &args.channel {
        put(&mut options, "channel", channel.as_str());
    }
    if !args.arches.is_empty() {
        put(&mut options, "arches", &args.arches);
    }
    if let Some(timeout) = args.timeout.filter(|timeout| *timeout != 0) {
        put(&mut options, "timeout", timeout);
    }
    let options = if options.is_empty() { Value::Nil } else { Value::Struct(options) };
    let task = ctx.call(RestartHosts { options, ..RestartHosts::new() })?.into();
    args.following.watch(ctx, task)
}

fn check_others(ctx: &mut Ctx<'_>) -> Result<(), Stop> {
    let states = [State::Free, State::Open, State::Assigned].map(|state| Value::Int(state as i64));
    let wanted = kwargs![method = "restartHosts", state = Value::Array(states.into())];
    let others = ctx.ask(ListTasks { opts: Some(wanted).into(), ..ListTasks::new() })?;
    if others.items().is_empty() {
        return Ok(());
    }
    let ids: Vec<Value> = others.items().iter().map(|task| task.at("id").clone()).collect();
    ctx.warn("Found other restartHosts tasks running.")?;
    ctx.warn(format!("Task ids: {}", python::str(&Value::Array(ids))))?;
    Err(Stop::told("Use --force to run anyway"))
}
