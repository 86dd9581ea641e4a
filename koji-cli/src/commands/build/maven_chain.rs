//! `koji maven-chain`

use std::path::PathBuf;

use koji_core::api::task_ask::ChainMaven;
use koji_core::wire::{Map, Value};

use super::maven_ini::{Packages, Purpose};
use super::target;
use crate::context::Ctx;
use crate::stop::Outcome;
use crate::task_watch::Following;
use crate::value::put;

/// Run a set of Maven builds in dependency order
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji maven-chain maven-candidate chain.ini")]
pub struct Args {
    /// The build target
    target: String,
    /// Files with a section for each package
    #[arg(value_name = "config", required = true)]
    files: Vec<PathBuf>,
    /// Do not tag the builds
    #[arg(long)]
    skip_tag: bool,
    /// Make builds that leave only their files
    #[arg(long)]
    scratch: bool,
    /// Have Maven tell more
    #[arg(long)]
    debug: bool,
    /// Build again what was built in the same way before
    #[arg(long)]
    force: bool,
    /// Build when there is nothing better to do
    #[arg(long)]
    background: bool,
    #[command(flatten)]
    following: Following,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    ctx.login()?;
    target::check(ctx, &args.target, args.scratch)?;
    let purpose = Purpose { chain: true, scratch: args.scratch };
    let builds = Packages::read(&args.files, purpose)?.chain()?;
    let chain = ChainMaven {
        opts: Value::Struct(options(&args)),
        priority: target::priority(args.background),
        ..ChainMaven::new(builds, args.target.as_str())
    };
    let task = ctx.call(chain)?.into();
    args.following.follow(ctx, task)
}

/// Only what was given is sent.
fn options(args: &Args) -> Map {
    let flags = [
        ("skip_tag", args.skip_tag),
        ("scratch", args.scratch),
        ("debug", args.debug),
        ("force", args.force),
    ];
    let mut opts = Map::new();
    for (name, _) in flags.into_iter().filter(|(_, given)| *given) {
        put(&mut opts, name, true);
    }
    opts
}
