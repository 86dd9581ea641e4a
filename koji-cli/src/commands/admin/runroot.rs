//! `koji runroot`

use koji_core::api::plugged::RunRoot;
use koji_core::api::task::{GetTaskInfo, TaskFinished};
use koji_core::client::OutputPlace;
use koji_core::client::watch::{State, state_of};
use koji_core::db::Lookup;
use koji_core::wire::{Map, Value};

use crate::context::Ctx;
use crate::line;
use crate::stop::{Outcome, Stop};
use crate::task_watch::{task_output, watch};
use crate::terminal::Patience;
use crate::value::put;

/// The log with the command's output, and how much of it is fetched at once.
const LOG: &str = "runroot.log";
const PIECE_BYTES: i64 = 1 << 20;

/// Run a command in a buildroot
///
/// The command runs as the superuser of a new buildroot; what it writes is shown when it has ended.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji runroot -p make f40-build x86_64 make --version")]
pub struct Args {
    /// The tag that the buildroot is made from
    tag: String,
    /// Its arch
    arch: String,
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<String>,
    /// Install this package too
    #[arg(short, long = "package")]
    packages: Vec<String>,
    /// Show this directory of the builder in the buildroot, to read and write
    #[arg(short, long = "mount")]
    mounts: Vec<String>,
    /// Run with the personality of the builder's arch
    #[arg(long)]
    skip_setarch: bool,
    /// The weight of the task
    #[arg(short, long)]
    weight: Option<i64>,
    /// Use this channel
    #[arg(long, value_name = "CHANNEL")]
    channel_override: Option<String>,
    /// Write the id of the task
    #[arg(long)]
    task_id: bool,
    /// Have a shell read the command
    #[arg(long)]
    use_shell: bool,
    /// Use mock's --new-chroot
    #[arg(long, overrides_with = "old_chroot")]
    new_chroot: bool,
    /// Use mock's --old-chroot
    #[arg(long, overrides_with = "new_chroot")]
    old_chroot: bool,
    /// Use this repo
    #[arg(long)]
    repo_id: Option<i64>,
    /// Do not wait for the result
    #[arg(long)]
    nowait: bool,
    /// Follow the task instead of writing the command's output
    #[arg(long)]
    watch: bool,
    /// Tell less
    #[arg(long)]
    quiet: bool,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    ctx.login()?;
    let command = if args.use_shell {
        Value::String(args.command.join(" "))
    } else {
        Value::Array(args.command.iter().map(|word| word.as_str().into()).collect())
    };
    let channel = args.channel_override.as_deref().map(Lookup::from);
    let wish = RunRoot {
        channel,
        opts: options(&args),
        ..RunRoot::new(args.tag.as_str(), args.arch.as_str(), command)
    };
    let task = ctx.call(wish)?.into();
    if args.task_id {
        line!(ctx, "{task}");
    }
    if args.nowait || ctx.settings.what_if {
        return Ok(0);
    }
    let quiet = args.quiet || ctx.settings.quiet;
    if args.watch {
        ctx.finish();
        return watch(ctx, &[task], quiet);
    }
    let patience = Patience::new();
    while !ctx.call(TaskFinished::new(task))? {
        if patience.wait(ctx.settings.poll_interval) {
            line!(ctx, "User interrupt: canceling runroot task");
            ctx.ask(koji_core::api::task::CancelTask::new(task))?;
            return Err(Stop::Quiet(1));
        }
    }
    if !quiet {
        show_log(ctx, task)?;
    }
    let info = ctx.ask(GetTaskInfo::new(task))?;
    Ok(u8::from(matches!(state_of(&info), None | Some(State::Failed | State::Canceled))))
}

fn options(args: &Args) -> Map {
    let mut opts = vec![];
    put(&mut opts, "packages", &args.packages);
    put(&mut opts, "mounts", &args.mounts);
    put(&mut opts, "repo_id", args.repo_id.map_or(Value::Nil, Value::Int));
    put(&mut opts, "skip_setarch", args.skip_setarch);
    put(&mut opts, "weight", args.weight.map_or(Value::Nil, Value::Int));
    // older builders do not know it
    if args.new_chroot || args.old_chroot {
        put(&mut opts, "new_chroot", args.new_chroot);
    }
    opts
}

/// Writes the command's output as it is: it may be anything.
fn show_log(ctx: &mut Ctx<'_>, task: i64) -> Result<(), Stop> {
    for file in task_output(ctx, task)?.into_iter().filter(|file| file.name == LOG) {
        let mut offset = 0;
        loop {
            let place = OutputPlace { task_id: task, name: LOG, volume: &file.volume };
            let piece = ctx.session()?.task_output(place, offset, PIECE_BYTES)?;
            if piece.is_empty() {
                break;
            }
            offset += piece.len() as i64;
            ctx.out.write_all(&piece)?;
        }
    }
    Ok(())
}
