//! `koji win-build`

use koji_core::api::task_ask::WinBuild;
use koji_core::db::Lookup;
use koji_core::wire::{Map, Value};

use super::target;
use crate::context::Ctx;
use crate::stop::Outcome;
use crate::task_watch::Following;
use crate::value::put;

/// Build a project on a Windows machine
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji win-build win-candidate git://src.example.org/app#abc win10")]
pub struct Args {
    /// The build target
    target: String,
    /// The SCM URL of the project
    #[arg(value_name = "URL")]
    source: String,
    /// The virtual machine to build on
    #[arg(value_name = "VM")]
    vm: String,
    /// The SCM URL of the build's description, if it is not beside the source
    #[arg(long, value_name = "URL")]
    winspec: Option<String>,
    /// The SCM URL of a directory of patches to apply before
    #[arg(long, value_name = "URL")]
    patches: Option<String>,
    /// How many processors the machine gets (for admins)
    #[arg(long)]
    cpus: Option<i64>,
    /// How much memory the machine gets, in MB (for admins)
    #[arg(long)]
    mem: Option<i64>,
    /// Keep the machine's network address
    #[arg(long)]
    static_mac: bool,
    /// The SCM URL of a spec file template for wrapper rpms
    #[arg(long, value_name = "URL")]
    specfile: Option<String>,
    /// Make a build that leaves only its files
    #[arg(long)]
    scratch: bool,
    /// Build with this repo; the target may be "none" then
    #[arg(long)]
    repo_id: Option<i64>,
    /// Do not tag the build
    #[arg(long)]
    skip_tag: bool,
    /// Build when there is nothing better to do
    #[arg(long)]
    background: bool,
    #[command(flatten)]
    following: Following,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    ctx.login()?;
    let without_target = args.target.eq_ignore_ascii_case("none") && args.repo_id.is_some();
    if !without_target {
        target::check(ctx, &args.target, args.scratch)?;
    }
    let build = WinBuild {
        opts: Value::Struct(options(&args, args.skip_tag || without_target)),
        priority: target::priority(args.background),
        ..WinBuild::new(args.vm.as_str(), args.source.as_str(), Lookup::from(args.target.as_str()))
    };
    let task = ctx.call(build)?.into();
    args.following.follow(ctx, task)
}

/// Only what was given is sent.
fn options(args: &Args, skip_tag: bool) -> Map {
    let mut opts = vec![];
    let texts = [("winspec", &args.winspec), ("patches", &args.patches), ("specfile", &args.specfile)];
    for (name, text) in texts {
        if let Some(text) = text {
            put(&mut opts, name, text.as_str());
        }
    }
    for (name, number) in [("cpus", args.cpus), ("mem", args.mem), ("repo_id", args.repo_id)] {
        if let Some(number) = number {
            put(&mut opts, name, number);
        }
    }
    for (name, given) in [("static_mac", args.static_mac), ("scratch", args.scratch), ("skip_tag", skip_tag)]
    {
        if given {
            put(&mut opts, name, true);
        }
    }
    opts
}
