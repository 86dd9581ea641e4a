//! `koji move-build`

use crate::context::Ctx;
use crate::line;
use crate::stop::Outcome;
use crate::task_watch::watch_if;
use crate::value::View as _;
use koji_core::api::build::GetBuild;
use koji_core::api::package::GetPackage;
use koji_core::api::tagging::{MoveAllBuilds, MoveBuild};
use koji_core::build::BuildRef;
use koji_core::db::Lookup;

/// Move builds from one tag to another
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji move-build f40-candidate f40 bash-5.2-1.fc40")]
pub struct Args {
    /// The tag they are in
    tag1: String,
    /// The tag they go to
    tag2: String,
    /// The builds (name-version-release), or packages with --all
    #[arg(required = true)]
    pkg: Vec<String>,
    /// Move them even if the policy is against it
    #[arg(long)]
    force: bool,
    /// Wait for the result
    #[arg(long, overrides_with = "nowait")]
    wait: bool,
    /// Do not wait
    #[arg(long, overrides_with = "wait")]
    nowait: bool,
    /// Move all builds of packages
    #[arg(long)]
    all: bool,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    ctx.login()?;
    let force = args.force;
    let mut tasks = vec![];
    let mut seen = vec![];
    for name in &args.pkg {
        if args.all {
            if ctx.ask(GetPackage::new(name))?.is_nil() {
                line!(ctx, "No such package: {name}, skipping.");
                continue;
            }
            let wish = MoveAllBuilds::new(&args.tag1, &args.tag2, name);
            tasks.extend(ctx.call(MoveAllBuilds { force, ..wish })?.into_iter().map(i64::from));
            continue;
        }
        let build = ctx.ask(GetBuild::new(BuildRef::read(name)?))?;
        if build.is_nil() {
            line!(ctx, "No such build: {name}, skipping.");
        } else if !seen.contains(&build) {
            seen.push(build);
        }
    }
    for build in &seen {
        let wish = MoveBuild::new(Lookup::from(&args.tag1), &args.tag2, build.int("id"));
        let id = ctx.call(MoveBuild { force, ..wish })?.into();
        tasks.push(id);
        line!(ctx, "Created task {id}, moving {}", build.nvr());
    }
    let quiet = ctx.settings.quiet;
    watch_if(ctx, (args.wait || args.nowait).then_some(args.wait), &tasks, quiet)
}
