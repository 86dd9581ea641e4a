//! `koji wait-repo`

use koji_core::api::tagged::GetLatestBuilds;
use koji_core::api::target::GetBuildTargets;
use koji_core::db::Lookup;
use koji_core::nvr::Nvr;
use koji_core::wire::Value;

use crate::commands::misc::request_repo::{failed, show_repo, tag_of};
use crate::context::Ctx;
use crate::repo_watch::RepoWatch;
use crate::stop::{Outcome, Stop};
use crate::value::View as _;
use crate::when;

/// Wait for a repo to be made
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji wait-repo --request --build bash-5.2-1.fc40 f40-build")]
pub struct Args {
    /// The tag
    tag: String,
    /// Wait for a repo with this build
    #[arg(long = "build", value_name = "NVR")]
    builds: Vec<String>,
    /// The name is a target's; take its build tag
    #[arg(long)]
    target: bool,
    /// Request the repo, which needs a login
    #[arg(long, overrides_with = "no_request")]
    request: bool,
    /// Only look for the repo
    #[arg(long, overrides_with = "request")]
    no_request: bool,
    /// How long to wait, in minutes
    #[arg(long, default_value_t = 120)]
    timeout: i64,
    /// Tell more
    #[arg(short, long)]
    verbose: bool,
    /// Tell less
    #[arg(long)]
    quiet: bool,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    let builds = args.builds.iter().map(|build| Nvr::parse(build)).collect::<Result<Vec<_>, _>>()?;
    let quiet = args.quiet || ctx.settings.quiet;
    if args.request {
        ctx.login()?;
    } else if !args.no_request {
        ctx.warn("The --request option is recommended for faster results")?;
    }
    let tag = tag_of(ctx, &args.tag, args.target)?;
    if !args.target {
        warn_no_target(ctx, &tag)?;
    }
    if !args.request && !tag.at("extra").has("repo.auto") {
        ctx.warn("This tag is not configured for automatic regeneration")?;
    }
    for build in &builds {
        warn_not_latest(ctx, &tag, build)?;
    }
    let mut watch = RepoWatch {
        tag_id: tag.int("id"),
        tag_name: tag.str("name").to_owned(),
        min_event: None,
        at_event: None,
        opts: vec![],
        timeout_min: args.timeout,
        verbose: args.verbose,
        start: when::now(),
        builds,
    };
    if watch.builds.is_empty() {
        watch.min_event = watch.last_change(ctx)?;
    }
    let repo = watch.wait(ctx, !args.request).map_err(|stop| failed(stop, quiet))?;
    show_repo(ctx, &repo, quiet)
}

fn warn_no_target(ctx: &mut Ctx<'_>, tag: &Value) -> Result<(), Stop> {
    let id: Option<Lookup> = Some(tag.int("id").into());
    if ctx.ask(GetBuildTargets { buildTagID: id.clone(), ..GetBuildTargets::new() })?.is_true() {
        return Ok(());
    }
    ctx.warn(format!("{} is not a build tag for any target", tag.str("name")))?;
    let targets = ctx.ask(GetBuildTargets { destTagID: id, ..GetBuildTargets::new() })?;
    let mut names: Vec<&str> = targets.items().iter().map(|target| target.str("build_tag_name")).collect();
    names.sort_unstable();
    names.dedup();
    if !names.is_empty() {
        ctx.warn(format!("Suggested tags: {}", names.join(", ")))?;
    }
    Ok(())
}

fn warn_not_latest(ctx: &mut Ctx<'_>, tag: &Value, build: &Nvr) -> Result<(), Stop> {
    let package = Some(build.name.clone());
    let latest = ctx.ask(GetLatestBuilds { package, ..GetLatestBuilds::new(tag.int("id")) })?;
    match latest.items().first() {
        None => ctx.warn(format!("No {} builds in tag {}", build.name, tag.str("name"))),
        Some(present) if present.str("nvr") != build.to_string() => ctx.warn(format!(
            "nvr {build} is not current in tag {}\n  latest build is {}",
            tag.str("name"),
            present.str("nvr")
        )),
        Some(_) => Ok(()),
    }
}
