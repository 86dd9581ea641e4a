//! `koji wrapper-rpm`

use koji_core::api::task_ask::WrapperRpm;
use koji_core::build::BuildRef;
use koji_core::db::Lookup;
use koji_core::nvr::Nvr;
use koji_core::wire::{Map, Value};

use super::target;
use crate::context::Ctx;
use crate::line;
use crate::stop::{Outcome, Stop};
use crate::task_watch::Following;
use crate::value::put;

/// Build rpms around the archives of a build
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example: koji wrapper-rpm maven-candidate lib-1.0-1 git://src.example.org/lib-spec#abc"
)]
pub struct Args {
    /// The build target
    target: String,
    /// The build with the archives
    #[arg(value_name = "build-id|n-v-r")]
    build: String,
    /// The SCM URL of a spec file template
    #[arg(value_name = "URL")]
    source: String,
    /// Put the rpms into a build of their own
    #[arg(long)]
    create_build: bool,
    /// Put the rpms into a draft build of their own
    #[arg(long)]
    create_draft: bool,
    /// Do not tag a build of their own
    #[arg(long)]
    skip_tag: bool,
    /// Make a build that leaves only its files
    #[arg(long)]
    scratch: bool,
    /// Build when there is nothing better to do
    #[arg(long)]
    background: bool,
    /// Wait for a repo of the build tag's present state
    #[arg(long)]
    wait_repo: bool,
    /// Wait for a repo with this build
    #[arg(long = "wait-build", value_name = "NVR")]
    wait_builds: Vec<String>,
    #[command(flatten)]
    following: Following,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    if args.create_draft {
        line!(ctx, "Will create a draft build instead");
        if args.scratch {
            return Err(Stop::usage("--scratch and --create-draft cannot be both specfied"));
        }
    }
    ctx.login()?;
    let build = match args.build.parse() {
        Ok(id) => BuildRef::Id(id),
        Err(_) => BuildRef::from(Nvr::parse(&args.build)?),
    };
    let wrapper = WrapperRpm {
        priority: target::priority(args.background),
        opts: Value::Struct(options(&args)),
        ..WrapperRpm::new(build, args.source.as_str(), Lookup::from(args.target.as_str()))
    };
    let task = ctx.call(wrapper)?.into();
    args.following.follow(ctx, task)
}

/// Only what was given is sent; the builds to wait for always are.
fn options(args: &Args) -> Map {
    let mut opts = vec![];
    let flags = [
        ("draft", args.create_draft),
        ("create_build", args.create_build || args.create_draft),
        ("skip_tag", args.skip_tag),
        ("scratch", args.scratch),
        ("wait_repo", args.wait_repo),
    ];
    for (name, _) in flags.into_iter().filter(|(_, given)| *given) {
        put(&mut opts, name, true);
    }
    put(&mut opts, "wait_builds", &args.wait_builds);
    opts
}
