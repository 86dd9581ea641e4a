//! `koji mock-config`

use std::path::PathBuf;

use koji_core::Error;
use koji_core::api::buildroot::{GetBuildroot, ListBuildroots};
use koji_core::api::cast::IntLike;
use koji_core::api::repo::{GetRepo, RepoInfo};
use koji_core::api::tag::{GetBuildConfig, GetTag};
use koji_core::api::target::GetBuildTarget;
use koji_core::db::Lookup;
use koji_core::mock::{MockConfig, TIMEOUT_S, TagSettings, Top};
use koji_core::paths::DEFAULT_TOP;
use koji_core::wire::Value;

use crate::context::Ctx;
use crate::line;
use crate::stop::{Outcome, Stop};
use crate::value::View as _;

/// Write the configuration that mock builds with as the builders do
///
/// One of --tag, --target, --task and --buildroot says for what; the first two need --arch.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji mock-config --tag f40-build --arch x86_64 -o f40.cfg")]
pub struct Args {
    /// The name of the root
    #[arg(conflicts_with = "name_option")]
    name: Option<String>,
    /// The arch
    #[arg(short, long)]
    arch: Option<String>,
    /// The name of the root
    #[arg(short, long = "name", id = "name_option", value_name = "NAME")]
    name_option: Option<String>,
    /// The tag of the repository
    #[arg(long)]
    tag: Option<String>,
    /// The target whose build tag has the repository
    #[arg(long)]
    target: Option<String>,
    /// The task whose buildroot is to be made again
    #[arg(long)]
    task: Option<i64>,
    /// Use the newest repository, whichever that is when mock runs
    #[arg(long)]
    latest: bool,
    /// The number of the buildroot that is to be made again
    #[arg(long)]
    buildroot: Option<i64>,
    /// Where mock keeps roots
    #[arg(long, value_name = "DIR", default_value = "/var/lib/mock")]
    mockdir: String,
    /// The directory with the hub's files; it is preferred to --topurl
    #[arg(long, value_name = "DIR")]
    topdir: Option<String>,
    /// The URL below which the hub's files are
    #[arg(long, value_name = "URL")]
    topurl: Option<String>,
    /// The macro "distribution"
    #[arg(long, default_value = "Koji Testing")]
    distribution: String,
    /// A proxy for the repository
    #[arg(long, value_name = "URL")]
    yum_proxy: Option<String>,
    /// Write to a file
    #[arg(short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Whose repository, and for what arch.
struct Subject {
    tag: String,
    /// Its number; nothing is the newest.
    repo: Option<i64>,
    arch: String,
    name: Option<String>,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    let subject = subject(ctx, &args)?;
    let repo = subject.repo.map_or_else(|| "latest".to_owned(), |repo| repo.to_string());
    let mut event = None;
    if let Some(id) = subject.repo {
        event = ctx.ask(RepoInfo::new(Some(IntLike(id))))?.at("create_event").as_int();
    }
    let tag = subject.tag.as_str();
    let config = ctx.ask(GetBuildConfig { event: event.map(Into::into), ..GetBuildConfig::new(tag) })?;
    let arches = config.str("arches");
    if arches.is_empty() {
        ctx.warn(format!("Tag {tag} has an empty arch list"))?;
    } else if !arches.contains(&subject.arch) {
        ctx.warn(format!("{} is not in the list of tag arches", subject.arch))?;
    }
    let extra = config.at("extra").as_struct().unwrap_or_default();
    let name = args.name_option.clone().or_else(|| args.name.clone()).or(subject.name);
    let text = MockConfig {
        name: name.unwrap_or_else(|| format!("{tag}-repo_{repo}")),
        arch: subject.arch.clone(),
        target_arch: subject.arch,
        buildroot: None,
        repo,
        tag: tag.to_owned(),
        top: top(&args, &ctx.settings.topurl),
        mockdir: args.mockdir,
        group: "build".into(),
        network: false,
        hosts: None,
        binds: vec![],
        timeout_s: TIMEOUT_S,
        proxy: args.yum_proxy,
        marks: ["Koji".into(), "Koji".into(), args.distribution],
        mockhost: "koji-linux-gnu".into(),
        tag_settings: TagSettings::new(extra, true)?,
    }
    .text();
    match args.output {
        Some(file) => std::fs::write(&file, text).map_err(|error| Error::io(&file, error))?,
        None => line!(ctx, "{text}"),
    }
    Ok(0)
}

fn top(args: &Args, topurl: &str) -> Top {
    let url = args.topurl.clone().unwrap_or_else(|| topurl.to_owned());
    match &args.topdir {
        Some(dir) => Top::Dir(dir.clone()),
        None if url.is_empty() => Top::Dir(DEFAULT_TOP.into()),
        None => Top::Urls(vec![url]),
    }
}

fn subject(ctx: &mut Ctx<'_>, args: &Args) -> Result<Subject, Stop> {
    if let Some(id) = args.buildroot {
        let root = ctx.ask(GetBuildroot::new(IntLike(id)))?;
        if root.is_nil() {
            return Err(Stop::told(format!("No such buildroot: {id}")));
        }
        return Ok(of_buildroot(&root, args.latest, None));
    }
    if let Some(task) = args.task {
        let roots = ctx.ask(ListBuildroots { taskID: Some(task), ..ListBuildroots::new() })?;
        let Some(root) = roots.items().last() else {
            return Err(Stop::told(format!("No buildroots for task {task} (or no such task)")));
        };
        if roots.items().len() > 1 {
            let ids: Vec<_> = roots.items().iter().map(|root| root.show("id")).collect();
            line!(ctx, "Multiple buildroots found: [{}]", ids.join(", "));
        }
        return Ok(of_buildroot(root, args.latest, Some(task)));
    }
    let arch = |args: &Args| args.arch.clone().ok_or_else(|| Stop::told("Please specify an arch"));
    if let Some(name) = &args.tag {
        let arch = arch(args)?;
        let tag = ctx.ask(GetTag::new(name.as_str()))?;
        if tag.is_nil() {
            return Err(Stop::usage(format!("No such tag: {name}")));
        }
        return of_tag(ctx, (tag.int("id"), tag.str("name")), (arch, args.latest));
    }
    if let Some(name) = &args.target {
        let arch = arch(args)?;
        let target = ctx.ask(GetBuildTarget::new(Lookup::from(name.as_str())))?;
        if target.is_nil() {
            return Err(Stop::usage(format!("No such build target: {name}")));
        }
        return of_tag(ctx, (target.int("build_tag"), target.str("build_tag_name")), (arch, args.latest));
    }
    Err(Stop::usage("Please specify one of: --tag, --target, --task, --buildroot"))
}

fn of_buildroot(root: &Value, latest: bool, task: Option<i64>) -> Subject {
    let tag = root.str("tag_name").to_owned();
    Subject {
        name: task.map(|task| format!("{tag}-task_{task}")),
        repo: root.at("repo_id").as_int().filter(|_| !latest),
        arch: root.str("arch").to_owned(),
        tag,
    }
}

fn of_tag(
    ctx: &mut Ctx<'_>,
    (id, tag): (i64, &str),
    (arch, latest): (String, bool),
) -> Result<Subject, Stop> {
    let mut repo = None;
    if !latest {
        let found = ctx.ask(GetRepo::new(id))?;
        if found.is_nil() {
            return Err(Stop::told(format!("Could not get a repo for tag: {tag}")));
        }
        repo = Some(found.int("id"));
    }
    Ok(Subject { tag: tag.to_owned(), repo, arch, name: None })
}
