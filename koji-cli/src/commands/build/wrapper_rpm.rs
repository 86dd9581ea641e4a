//! `koji wrapper-rpm`

use std::path::PathBuf;

use koji_core::api::tagged::GetLatestBuilds;
use koji_core::api::target::GetBuildTarget;
use koji_core::api::task_ask::WrapperRpm;
use koji_core::build::BuildRef;
use koji_core::db::Lookup;
use koji_core::nvr::Nvr;
use koji_core::wire::{Map, Value};

use super::maven_ini::{Packages, Purpose};
use super::target;
use crate::context::Ctx;
use crate::line;
use crate::stop::{Outcome, Stop};
use crate::task_watch::Following;
use crate::value::{View as _, item_at, put};

/// Build rpms around the archives of a build
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example: koji wrapper-rpm maven-candidate lib-1.0-1 git://src.example.org/lib-spec#abc"
)]
pub struct Args {
    /// The build target
    target: String,
    /// The build with the archives
    #[arg(value_name = "build-id|n-v-r", required_unless_present = "inis", conflicts_with = "inis")]
    build: Option<String>,
    /// The SCM URL of a spec file template
    #[arg(value_name = "URL", required_unless_present = "inis")]
    source: Option<String>,
    /// Take build and URL from a file: the latest build of the package that its section requires
    #[arg(long = "ini", value_name = "CONFIG")]
    inis: Vec<PathBuf>,
    /// The section of the file, if it has several
    #[arg(short = 's', long)]
    section: Option<String>,
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
    let (build, source) = match (&args.build, &args.source) {
        (Some(build), Some(source)) => (build.clone(), source.clone()),
        _ => from_file(ctx, &args)?,
    };
    let build = match build.parse() {
        Ok(id) => BuildRef::Id(id),
        Err(_) => BuildRef::from(Nvr::parse(&build)?),
    };
    let wrapper = WrapperRpm {
        priority: target::priority(args.background),
        opts: Value::Struct(options(&args)),
        ..WrapperRpm::new(build, source, Lookup::from(args.target.as_str()))
    };
    let task = ctx.call(wrapper)?.into();
    args.following.follow(ctx, task)
}

/// What a file tells to wrap, and the template to do it by.
fn from_file(ctx: &mut Ctx<'_>, args: &Args) -> Result<(String, String), Stop> {
    let purpose = Purpose { chain: false, scratch: args.scratch };
    let found = Packages::read(&args.inis, purpose)?.one(args.section.as_deref(), &args.inis, true)?;
    let package = item_at(found.at("buildrequires"), 0).as_str().unwrap_or_default().to_owned();
    let target = GetBuildTarget { strict: true, ..GetBuildTarget::new(Lookup::from(args.target.as_str())) };
    let target = ctx.ask(target)?;
    let wanted = GetLatestBuilds::new(target.int("dest_tag"));
    let builds = ctx.ask(GetLatestBuilds { package: Some(package.as_str().into()), ..wanted })?;
    match builds.items().first() {
        Some(build) => Ok((build.str("nvr").to_owned(), found.str("scmurl").to_owned())),
        None => Err(Stop::usage(format!("No build of {package} in {}", target.str("dest_tag_name")))),
    }
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
