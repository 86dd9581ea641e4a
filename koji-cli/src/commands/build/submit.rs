//! `koji build`

use koji_core::api::cast::Amount;
use koji_core::api::tag::GetTag;
use koji_core::api::target::GetBuildTarget;
use koji_core::api::task_ask::Build;
use koji_core::db::Lookup;
use std::path::Path;

use koji_core::arch::{Separators, normalize};
use koji_core::wire::{self, Map, Value};

use crate::context::Ctx;
use crate::files;
use crate::stop::{Outcome, Stop};
use crate::task_watch::watch_if;
use crate::terminal;
use crate::value::{View as _, put};
use crate::{kwargs, line};

/// Build a package
///
/// The target names the tag whose repo the buildroot is made of and the tag that the build goes to; "koji
/// list-targets" shows them. The source is a source rpm, or the URL of a repository with a revision behind
/// a hash.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  koji build f40-candidate bash-5.2-1.src.rpm
  koji build --scratch f40-candidate git+https://src.example.org/rpms/bash#abc")]
pub struct Args {
    /// The build target
    target: String,
    /// A source rpm or an SCM URL
    #[arg(value_name = "srpm path or scm url")]
    source: String,
    /// Do not tag the build
    #[arg(long)]
    skip_tag: bool,
    /// Make a build that leaves only its files
    #[arg(long)]
    scratch: bool,
    /// Make the source rpm again in the buildroot (scratch builds)
    #[arg(long, overrides_with = "no_rebuild_srpm")]
    rebuild_srpm: bool,
    /// Take the source rpm as it is (scratch builds)
    #[arg(long, overrides_with = "rebuild_srpm")]
    no_rebuild_srpm: bool,
    /// Wait for the result
    #[arg(long, overrides_with = "nowait")]
    wait: bool,
    /// Do not wait
    #[arg(long, overrides_with = "wait")]
    nowait: bool,
    /// Wait for a repo of the build tag's present state
    #[arg(long)]
    wait_repo: bool,
    /// Wait for a repo with this build
    #[arg(long = "wait-build", value_name = "NVR")]
    wait_builds: Vec<String>,
    /// Tell less
    #[arg(long)]
    quiet: bool,
    /// Build for these arches instead of the tag's (scratch builds)
    #[arg(long)]
    arch_override: Option<String>,
    /// Cancel the other arches as soon as one fails
    #[arg(long)]
    fail_fast: bool,
    /// Build with this repo; the target may be "none" then
    #[arg(long)]
    repo_id: Option<i64>,
    /// Show no progress of the upload
    #[arg(long)]
    noprogress: bool,
    /// Build when there is nothing better to do
    #[arg(long)]
    background: bool,
    /// Put this JSON object into the build's extra data
    #[arg(long)]
    custom_user_metadata: Option<String>,
    /// Make a draft build
    #[arg(long)]
    draft: bool,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    check(&args)?;
    let mut opts = options(&args)?;
    ctx.login()?;
    let target = if args.target.eq_ignore_ascii_case("none") && args.repo_id.is_some_and(|id| id != 0) {
        opts.retain(|(name, _)| name != "skip_tag");
        put(&mut opts, "skip_tag", true);
        None
    } else {
        check_target(ctx, &args)?;
        Some(args.target.clone())
    };
    let quiet = args.quiet || ctx.settings.quiet;
    let source = send_source(ctx, &args, quiet)?;
    // relative to the default priority
    let priority = args.background.then_some(Amount(5)).into();
    let target = target.map_or(Value::Nil, Value::String);
    let id = ctx.call(Build { opts: Value::Struct(opts), priority, ..Build::new(source, target) })?.into();
    if ctx.settings.json {
        ctx.json(&Value::Struct(kwargs![task_id = id]))?;
    } else if !quiet {
        ctx.show_task(id)?;
    }
    watch_if(ctx, (args.wait || args.nowait).then_some(args.wait), &[id], quiet || ctx.settings.json)
}

fn check(args: &Args) -> Result<(), Stop> {
    let refusal = if (args.rebuild_srpm || args.no_rebuild_srpm) && !args.scratch {
        "--no-/rebuild-srpm is only allowed for --scratch builds"
    } else if given(&args.arch_override).is_some() && !args.scratch {
        "--arch_override is only allowed for --scratch builds"
    } else if args.scratch && args.draft {
        "--scratch and --draft cannot be both specfied"
    } else {
        return Ok(());
    };
    Err(Stop::usage(refusal))
}

/// A text that is empty is as good as none.
fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|text| !text.is_empty())
}

fn options(args: &Args) -> Result<Map, Stop> {
    let mut opts = vec![];
    if let Some(arches) = given(&args.arch_override) {
        put(&mut opts, "arch_override", normalize(arches, Separators::Loose)?);
    }
    let flags = [
        ("skip_tag", args.skip_tag),
        ("scratch", args.scratch),
        ("fail_fast", args.fail_fast),
        ("wait_repo", args.wait_repo),
        ("draft", args.draft),
    ];
    for (name, _) in flags.iter().filter(|(_, given)| *given) {
        put(&mut opts, name, true);
    }
    if let Some(id) = args.repo_id {
        put(&mut opts, "repo_id", id);
    }
    put(&mut opts, "wait_builds", &args.wait_builds);
    if args.rebuild_srpm || args.no_rebuild_srpm {
        put(&mut opts, "rebuild_srpm", args.rebuild_srpm);
    }
    let metadata = match given(&args.custom_user_metadata) {
        None => Value::Struct(vec![]),
        Some(text) => wire::json::parse(text.as_bytes())
            .map_err(|_| Stop::usage("--custom-user-metadata is not valid JSON"))?,
    };
    if metadata.as_struct().is_none() {
        return Err(Stop::usage("--custom-user-metadata must be a JSON object"));
    }
    put(&mut opts, "custom_user_metadata", metadata);
    Ok(opts)
}

fn check_target(ctx: &mut Ctx<'_>, args: &Args) -> Result<(), Stop> {
    let target = ctx.ask(GetBuildTarget::new(Lookup::from(&args.target)))?;
    if target.is_nil() {
        return Err(Stop::usage(format!("No such build target: {}", args.target)));
    }
    let tag = ctx.ask(GetTag::new(target.int("dest_tag")))?;
    if tag.is_nil() {
        return Err(Stop::usage(format!("No such destination tag: {}", target.str("dest_tag_name"))));
    }
    if tag.has("locked") && !args.scratch {
        return Err(Stop::usage(format!("Destination tag {} is locked", tag.str("name"))));
    }
    Ok(())
}

/// The source as the hub finds it: a source rpm is uploaded first.
fn send_source(ctx: &mut Ctx<'_>, args: &Args, quiet: bool) -> Result<String, Stop> {
    if args.source.contains("://") {
        return Ok(args.source.clone());
    }
    if !quiet && !ctx.settings.json {
        line!(ctx, "Uploading srpm: {}", args.source);
    }
    let local = Path::new(&args.source);
    let dir = files::unique_dir("cli-build")?;
    files::upload(ctx, local, &dir, !quiet && !args.noprogress && !terminal::in_background())?;
    if !ctx.settings.json {
        line!(ctx);
    }
    let name = local.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    Ok(format!("{dir}/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;

    #[derive(clap::Parser)]
    #[command(args_override_self = true)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn parse(words: &[&str]) -> Args {
        Line::parse_from(["build"].iter().chain(words).chain(&["t", "s"])).args
    }

    #[test]
    fn options_are_sent_only_if_given() {
        let args = parse(&["--scratch", "--arch-override", "x86_64,i686", "--repo-id", "7"]);
        let opts = Value::Struct(options(&args).unwrap());
        assert_eq!(opts.str("arch_override"), "x86_64 i686");
        assert_eq!(opts.int("repo_id"), 7);
        assert!(opts.has("scratch") && opts.get("draft").is_none() && opts.get("skip_tag").is_none());
    }

    #[test]
    fn contradictions_are_refused() {
        assert!(check(&parse(&["--arch-override", "x86_64"])).is_err());
        assert!(check(&parse(&["--scratch", "--draft"])).is_err());
        assert!(options(&parse(&["--custom-user-metadata", "[]"])).is_err());
        assert!(options(&parse(&["--custom-user-metadata", ""])).is_ok());
        assert!(check(&parse(&["--arch-override", ""])).is_ok());
        assert!(check(&parse(&["--draft"])).is_ok());
    }
}
