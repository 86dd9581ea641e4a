//! `koji list-tagged`

use koji_core::paths::{self, Paths};
use koji_core::wire::{Map, Value};

use crate::context::{Ctx, EventArgs};
use crate::files::{build_dir, rpm_file, rpm_path};
use crate::stop::{Outcome, Stop};
use crate::value::{View as _, item_at, put};
use crate::{args, kwargs, line};

/// List the builds or rpms of a tag
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  koji list-tagged --latest --inherit f40
  koji list-tagged --rpms --sigs f40 bash")]
pub struct Args {
    /// The tag
    tag: String,
    /// Only this package
    package: Option<String>,
    /// Rpms of this arch
    #[arg(long)]
    arch: Vec<String>,
    /// Rpms instead of builds
    #[arg(long)]
    rpms: bool,
    /// What the tag inherits as well
    #[arg(long)]
    inherit: bool,
    /// Only the latest builds
    #[arg(long)]
    latest: bool,
    /// Only the latest N builds of each package
    #[arg(long, value_name = "N")]
    latest_n: Option<i64>,
    /// No header
    #[arg(long)]
    quiet: bool,
    /// Paths instead of names
    #[arg(long)]
    paths: bool,
    /// The keys that rpms are signed with
    #[arg(long)]
    sigs: bool,
    /// Builds of a type: maven, win, image
    #[arg(long = "type")]
    btype: Option<String>,
    #[command(flatten)]
    at: EventArgs,
    /// Only draft builds
    #[arg(long)]
    draft_only: bool,
    /// No draft builds
    #[arg(long)]
    no_draft: bool,
}

pub fn run(ctx: &mut Ctx<'_>, mut args: Args) -> Outcome {
    if args.no_draft && args.draft_only {
        return Err(Stop::usage("--draft-only conflicts with --no-draft"));
    }
    args.rpms |= !args.arch.is_empty() || args.sigs;
    args.quiet |= ctx.settings.quiet;
    let mut opts = options(&args);
    let event = ctx.event(&args.at, args.quiet)?;
    if let Some(event) = event {
        put(&mut opts, "event", event);
    }
    if ctx.call_with("getTag", args![&args.tag], kwargs![event = event])?.is_nil() {
        return Err(Stop::usage(format!("No such tag: {}", args.tag)));
    }
    let packages = Paths::new(&ctx.settings.topdir).top().join("packages");
    if args.sigs && args.paths && !packages.exists() {
        let packages = packages.display();
        return Err(Stop::told(format!("'list-tagged --sigs --paths' requires accessible {packages}")));
    }
    let method = if args.rpms { "listTaggedRPMS" } else { "listTagged" };
    let data = ctx.call_with(method, args![&args.tag], opts)?;
    if ctx.settings.json {
        ctx.json(&data)?;
        return Ok(0);
    }
    let mut lines = if args.rpms {
        rpm_lines(ctx, &args, &data)?
    } else {
        let kind = args.btype.as_deref();
        if !args.quiet {
            write_header(ctx, kind)?;
        }
        let top = args.paths.then(|| Paths::new(&ctx.settings.topdir));
        data.items().iter().map(|build| build_line(build, kind, top.as_ref())).collect()
    };
    lines.sort();
    for text in lines {
        line!(ctx, "{text}");
    }
    Ok(0)
}

fn options(args: &Args) -> Map {
    let mut opts = kwargs![latest = args.latest.then_some(true), inherit = args.inherit.then_some(true),];
    if let Some(count) = args.latest_n {
        opts[0].1 = Value::Int(count);
    }
    if let Some(package) = &args.package {
        put(&mut opts, "package", package);
    }
    if !args.arch.is_empty() {
        put(&mut opts, "arch", &args.arch);
    }
    if args.sigs {
        put(&mut opts, "rpmsigs", true);
    }
    if let Some(kind) = &args.btype {
        put(&mut opts, "type", kind);
    } else if args.no_draft || args.draft_only {
        put(&mut opts, "draft", args.draft_only);
    }
    opts
}

/// The column titles of a list of builds.
pub fn write_header(ctx: &mut Ctx<'_>, kind: Option<&str>) -> Result<(), Stop> {
    let bar = |width| "-".repeat(width);
    if kind == Some("maven") {
        let ids = format!("{:<20}  {:<20}", "Group Id", "Artifact Id");
        line!(ctx, "{:<40}  {:<20}  {ids}  Built by", "Build", "Tag");
        line!(ctx, "{}  {}  {}  {}  {}", bar(40), bar(20), bar(20), bar(20), bar(16));
    } else {
        line!(ctx, "{:<40}  {:<20}  Built by", "Build", "Tag");
        line!(ctx, "{}  {}  {}", bar(40), bar(20), bar(16));
    }
    Ok(())
}

/// A build with its tag and owner; its path instead of its name if a top directory is given.
pub fn build_line(build: &Value, kind: Option<&str>, top: Option<&Paths>) -> String {
    let maven = kind == Some("maven");
    let name = match top {
        Some(top) if maven => top.maven_build(build_dir(build)).display().to_string(),
        Some(top) => top.build(build_dir(build)).display().to_string(),
        None => build.str("nvr").to_owned(),
    };
    let (tag, owner) = (build.str("tag_name"), build.show("owner_name"));
    if maven {
        let (group, artifact) = (build.show("maven_group_id"), build.show("maven_artifact_id"));
        format!("{name:<40}  {tag:<20}  {group:<20}  {artifact:<20}  {owner}")
    } else {
        format!("{name:<40}  {tag:<20}  {owner}")
    }
}

fn rpm_lines(ctx: &mut Ctx<'_>, args: &Args, data: &Value) -> Result<Vec<String>, Stop> {
    let rpms = item_at(data, 0).items();
    if args.paths {
        return rpm_paths(ctx, args, rpms, item_at(data, 1).items());
    }
    let text = |rpm: &Value| {
        let key = if args.sigs { format!("{} ", rpm.show("sigkey")) } else { String::new() };
        let draft =
            if rpm.has("draft") { format!(" (,draft_{})", rpm.int("build_id")) } else { String::new() };
        format!("{key}{}.{}{draft}", rpm.nvr(), rpm.str("arch"))
    };
    Ok(rpms.iter().map(text).collect())
}

fn rpm_paths(ctx: &mut Ctx<'_>, args: &Args, rpms: &[Value], builds: &[Value]) -> Result<Vec<String>, Stop> {
    let top = Paths::new(&ctx.settings.topdir);
    let mut known = std::collections::HashMap::new();
    for build in builds {
        let dir = top.build(build_dir(build));
        if args.sigs && !dir.is_dir() {
            ctx.warn(format!("Build directory not found: {}", dir.display()))?;
        } else {
            known.insert(build.int("id"), (build, dir));
        }
    }
    let path = |rpm: &Value| {
        let (build, dir) = known.get(&rpm.int("build_id"))?;
        if !args.sigs {
            return Some(rpm_path(&top, build, rpm));
        }
        let signed = dir.join(paths::signed(rpm_file(rpm), rpm.str("sigkey")));
        signed.exists().then(|| signed.display().to_string())
    };
    Ok(rpms.iter().filter_map(path).collect())
}
