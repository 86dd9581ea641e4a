//! `koji request-repo`

use koji_core::api::tag::GetTag;
use koji_core::api::target::GetBuildTarget;
use koji_core::db::Lookup;
use koji_core::wire::{Map, Value};

use crate::context::Ctx;
use crate::repo_watch::RepoWatch;
use crate::stop::{Outcome, Stop};
use crate::value::View as _;
use crate::{line, when};

/// Request a repo of a tag
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji request-repo --current --wait f40-build")]
pub struct Args {
    /// The tag
    tag: String,
    /// The name is a target's; take its build tag
    #[arg(long)]
    target: bool,
    #[command(flatten)]
    waiting: Waiting,
    /// The oldest event that will do
    #[arg(long)]
    min_event: Option<i64>,
    /// The very event the repo has to be of
    #[arg(long)]
    at_event: Option<i64>,
    /// The tag's present state
    #[arg(long, alias = "last")]
    current: bool,
    #[command(flatten)]
    options: RepoOptions,
}

/// Whether and how long to wait, and how much to tell.
#[derive(clap::Args, Clone, Debug)]
pub struct Waiting {
    /// Wait for the result
    #[arg(long, overrides_with = "nowait")]
    wait: bool,
    /// Do not wait
    #[arg(long, overrides_with = "wait")]
    nowait: bool,
    /// How long to wait, in minutes
    #[arg(long, default_value_t = 120)]
    pub timeout: i64,
    /// Tell more
    #[arg(short, long)]
    pub verbose: bool,
    /// Tell less
    #[arg(long)]
    pub quiet: bool,
}

impl Waiting {
    /// What the options said about waiting, if anything.
    pub fn wait(&self) -> Option<bool> {
        (self.wait || self.nowait).then_some(self.wait)
    }
}

/// What to put into a repo.
#[derive(clap::Args, Clone, Debug)]
pub struct RepoOptions {
    /// Put debuginfo into the repo
    #[arg(long)]
    pub debuginfo: bool,
    /// Put source rpms into the repo
    #[arg(long, alias = "src")]
    pub source: bool,
    /// Make another repo of the source rpms
    #[arg(long, alias = "separate-src")]
    pub separate_source: bool,
}

impl RepoOptions {
    /// As the hub takes them.
    pub fn as_map(&self) -> Map {
        let all =
            [("debuginfo", self.debuginfo), ("src", self.source), ("separate_src", self.separate_source)];
        all.iter().filter(|(_, given)| *given).map(|(name, _)| ((*name).into(), Value::Bool(true))).collect()
    }
}

/// A request of the command line.
pub struct Request {
    /// The name of the tag or target.
    pub name: String,
    /// It is a target's.
    pub target: bool,
    /// The oldest event that will do.
    pub min_event: Option<i64>,
    /// The very event.
    pub at_event: Option<i64>,
    /// The tag's last change.
    pub current: bool,
    /// What to put into the repo.
    pub options: RepoOptions,
    /// Whether to wait.
    pub waiting: Waiting,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    let Args { tag, target, waiting, min_event, at_event, current, options } = args;
    request(ctx, &Request { name: tag, target, min_event, at_event, current, options, waiting })
}

/// Requests a repo, and waits for it if asked to.
pub fn request(ctx: &mut Ctx<'_>, request: &Request) -> Outcome {
    if request.at_event.is_some() && (request.min_event.is_some() || request.current) {
        return Err(Stop::usage("Cannot specify both min-event and at-event"));
    }
    if request.current && request.min_event.is_some() {
        return Err(Stop::usage("Cannot specify both min-event and current"));
    }
    ctx.login()?;
    let tag = tag_of(ctx, &request.name, request.target)?;
    if !tag.has("arches") {
        ctx.warn(format!("Tag {} has an empty arch list", tag.str("name")))?;
    }
    let mut watch = RepoWatch {
        tag_id: tag.int("id"),
        tag_name: tag.str("name").to_owned(),
        builds: vec![],
        min_event: request.min_event,
        at_event: request.at_event,
        opts: request.options.as_map(),
        timeout_min: request.waiting.timeout,
        verbose: request.waiting.verbose,
        start: when::now(),
    };
    if request.current {
        watch.min_event = watch.last_change(ctx)?;
    }
    let check = watch.request(ctx)?;
    if check.has("repo") {
        return show_repo(ctx, check.at("repo"), false);
    }
    let made = check.at("request");
    if !request.waiting.wait().unwrap_or(false) {
        line!(ctx, "Got request: {}", made.show("id"));
        if made.has("task_id") {
            let weburl = ctx.settings.weburl.clone();
            line!(ctx, "Got task: {}", made.show("task_id"));
            line!(ctx, "Task info: {weburl}/taskinfo?taskID={}", made.show("task_id"));
        }
        return Ok(0);
    }
    let repo = watch.wait_request(ctx, made).map_err(|stop| failed(stop, request.waiting.quiet))?;
    show_repo(ctx, &repo, false)
}

/// A tag, or the build tag of a target.
pub fn tag_of(ctx: &mut Ctx<'_>, name: &str, target: bool) -> Result<Value, Stop> {
    if !target {
        return ctx.tag(name);
    }
    let found = ctx.ask(GetBuildTarget::new(Lookup::from(name)))?;
    if found.is_nil() {
        return Err(Stop::usage(format!("No such build target: {name}")));
    }
    ctx.ask(GetTag { strict: true, ..GetTag::new(found.int("build_tag")) })
}

/// Tells which repo it is.
pub fn show_repo(ctx: &mut Ctx<'_>, repo: &Value, quiet: bool) -> Outcome {
    if ctx.settings.json {
        ctx.json(repo)?;
    } else if !quiet {
        let id = repo.int("id");
        line!(ctx, "Got repo {id}");
        line!(ctx, "Repo info: {}/repoinfo?repoID={id}", ctx.settings.weburl);
    }
    Ok(0)
}

/// A failure to get a repo.
pub fn failed(stop: Stop, quiet: bool) -> Stop {
    match stop {
        Stop::Fault(_) if quiet => Stop::Quiet(1),
        Stop::Fault(error) => Stop::told(format!("Failed to get repo -- {error}")),
        other => other,
    }
}
