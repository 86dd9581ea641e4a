//! `koji tag-build`

use crate::context::Ctx;
use crate::line;
use crate::stop::Outcome;
use crate::task_watch::watch_if;
use koji_core::api::tagging::TagBuild;
use koji_core::build::BuildRef;

/// Tag builds
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji tag-build f40-candidate bash-5.2-1.fc40")]
pub struct Args {
    /// The tag
    tag: String,
    /// The builds (name-version-release)
    #[arg(required = true)]
    pkg: Vec<String>,
    /// Tag them even if the policy is against it
    #[arg(long)]
    force: bool,
    /// Wait for the result
    #[arg(long, overrides_with = "nowait")]
    wait: bool,
    /// Do not wait
    #[arg(long, overrides_with = "wait")]
    nowait: bool,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    ctx.login()?;
    let mut tasks = vec![];
    for build in &args.pkg {
        let wish = TagBuild::new(&args.tag, BuildRef::read(build)?);
        let id = ctx.call(TagBuild { force: args.force, ..wish })?.into();
        tasks.push(id);
        line!(ctx, "Created task {id}");
    }
    let quiet = ctx.settings.quiet;
    watch_if(ctx, (args.wait || args.nowait).then_some(args.wait), &tasks, quiet)
}
