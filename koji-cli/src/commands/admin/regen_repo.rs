//! `koji regen-repo`

use crate::commands::misc::request_repo::{self, RepoOptions};
use crate::context::Ctx;
use crate::line;
use crate::stop::{Outcome, Stop};
use crate::task_watch::watch_if;
use crate::value::View as _;
use koji_core::api::repo::NewRepoTask;
use koji_core::api::target::{GetBuildTarget, GetBuildTargets};
use koji_core::db::Lookup;

/// Make a repo of a tag's present state if there is none
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji regen-repo --wait f40-build")]
pub struct Args {
    /// The tag
    tag: String,
    /// The name is a target's; take its build tag
    #[arg(long)]
    target: bool,
    #[command(flatten)]
    waiting: request_repo::Waiting,
    /// Make a task even if there is such a repo
    #[arg(long)]
    make_task: bool,
    #[command(flatten)]
    options: RepoOptions,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    if !args.make_task {
        let request = request_repo::Request {
            name: args.tag,
            target: args.target,
            min_event: None,
            at_event: None,
            current: true,
            options: args.options,
            waiting: args.waiting,
        };
        return request_repo::request(ctx, &request);
    }
    ctx.login()?;
    let tag = build_tag(ctx, &args.tag, args.target)?;
    let RepoOptions { debuginfo, source: src, separate_source: separate_src } = args.options;
    let id = ctx.call(NewRepoTask { debuginfo, src, separate_src, ..NewRepoTask::new(tag.as_str()) })?.into();
    line!(ctx, "Regenerating repo for tag: {tag}");
    ctx.show_task(id)?;
    let quiet = args.waiting.quiet || ctx.settings.quiet;
    watch_if(ctx, args.waiting.wait(), &[id], quiet)
}

fn build_tag(ctx: &mut Ctx<'_>, name: &str, target: bool) -> Result<String, Stop> {
    let tag = if target {
        let found = ctx.ask(GetBuildTarget::new(Lookup::from(name)))?;
        if found.is_nil() {
            return Err(Stop::usage(format!("No such build target: {name}")));
        }
        ctx.tag(found.str("build_tag_name"))?
    } else {
        let tag = ctx.tag(name)?;
        let build_tag = Some(tag.int("id").into());
        let targets = ctx.ask(GetBuildTargets { buildTagID: build_tag, ..GetBuildTargets::new() })?;
        if !targets.is_true() {
            ctx.warn(format!("{} is not a build tag", tag.str("name")))?;
        }
        tag
    };
    if !tag.has("arches") {
        ctx.warn(format!("Tag {} has an empty arch list", tag.str("name")))?;
    }
    Ok(tag.str("name").to_owned())
}
