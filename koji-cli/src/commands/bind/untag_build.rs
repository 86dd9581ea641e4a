//! `koji untag-build`

use koji_core::api::build::GetBuild;
use koji_core::api::history::QueryHistory;
use koji_core::api::package::GetPackageId;
use koji_core::api::tagging::UntagBuild;
use std::collections::{BTreeSet, HashSet};

use koji_core::nvr::Nvr;
use koji_core::wire::Value;

use crate::context::Ctx;
use crate::stop::{Outcome, Stop};
use crate::value::{View as _, into_items};
use crate::{kwargs, line};

/// Untag builds
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji untag-build --non-latest f40-candidate bash")]
pub struct Args {
    /// The tag
    tag: String,
    /// The builds (name-version-release), or packages with --all and --non-latest
    pkg: Vec<String>,
    /// Untag all builds of packages
    #[arg(long)]
    all: bool,
    /// Untag all builds of packages but the latest
    #[arg(long)]
    non_latest: bool,
    /// Untag nothing, tell what would be untagged
    #[arg(short = 'n', long)]
    test: bool,
    /// Tell more
    #[arg(short, long)]
    verbose: bool,
    /// Untag even if the policy is against it
    #[arg(long)]
    force: bool,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    if args.pkg.is_empty() && !(args.non_latest && args.force) {
        return Err(Stop::usage(
            "This command takes at least two arguments: a tag name/ID and one or more package n-v-r's or \
             package names",
        ));
    }
    ctx.login()?;
    let tag = ctx.tag(&args.tag)?;
    let mut builds = if args.all {
        tagged(ctx, &args.tag, &args.pkg)?
    } else if args.non_latest {
        non_latest(ctx, &args)?
    } else {
        named(ctx, &args, tag.str("name"))?
    };
    builds.reverse();
    let mut calls = vec![];
    for build in &builds {
        let nvr = build.nvr();
        if args.test {
            line!(ctx, "would have untagged {nvr}");
            continue;
        }
        if args.verbose {
            line!(ctx, "untagging {nvr}");
        }
        let untag = UntagBuild::new(tag.str("name"), Nvr::parse(&nvr)?);
        calls.push(UntagBuild { force: args.force, ..untag });
    }
    ctx.multicall_strict(calls)?;
    Ok(0)
}

/// What of some packages is in the tag at present.
fn tagged(ctx: &mut Ctx<'_>, tag: &str, packages: &[String]) -> Result<Vec<Value>, Stop> {
    let calls = packages.iter().map(|package| QueryHistory {
        kwargs: kwargs![tag = tag, package = package, active = true],
        ..QueryHistory::new()
    });
    let answers = ctx.multicall_strict(calls)?;
    Ok(answers.iter().flat_map(|history| history.list("tag_listing").to_vec()).collect())
}

fn non_latest(ctx: &mut Ctx<'_>, args: &Args) -> Result<Vec<Value>, Stop> {
    let mut listing = if args.pkg.is_empty() {
        let kwargs = kwargs![tag = &args.tag, active = true];
        let history = ctx.ask(QueryHistory { kwargs, ..QueryHistory::new() })?;
        into_items(history.at("tag_listing").clone())
    } else {
        tagged(ctx, &args.tag, &args.pkg)?
    };
    listing.sort_by_key(|build| std::cmp::Reverse(build.int("create_event")));
    let mut seen = HashSet::new();
    let mut older = vec![];
    for build in listing {
        if seen.insert(build.str("name").to_owned()) {
            if args.verbose {
                line!(ctx, "Leaving latest build for package {}: {}", build.str("name"), build.nvr());
            }
        } else {
            older.push(build);
        }
    }
    Ok(older)
}

fn named(ctx: &mut Ctx<'_>, args: &Args, tag: &str) -> Result<Vec<Value>, Stop> {
    let mut packages = BTreeSet::new();
    for nvr in &args.pkg {
        packages.insert(Nvr::parse(nvr)?.name);
    }
    // the history of a name that is no package would be refused
    let ids = ctx.multicall_strict(packages.iter().map(GetPackageId::new))?;
    let known = packages.into_iter().zip(ids).filter(|(_, id)| !id.is_nil());
    let packages: Vec<String> = known.map(|(package, _)| package).collect();
    let listing = tagged(ctx, &args.tag, &packages)?;
    let mut builds = vec![];
    for nvr in &args.pkg {
        if let Some(build) = listing.iter().find(|build| build.nvr() == *nvr) {
            builds.push(build.clone());
            continue;
        }
        if ctx.ask(GetBuild::new(Nvr::parse(nvr)?))?.is_nil() {
            ctx.warn(format!("No such build: {nvr}"))?;
        } else {
            ctx.warn(format!("Build {nvr} not in tag {tag}"))?;
        }
        if !args.force {
            return Err(Stop::Quiet(1));
        }
    }
    Ok(builds)
}
