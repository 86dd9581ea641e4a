//! `koji list-tagged`

use koji_core::api::cast::EventId;
use koji_core::api::tag::GetTag;
use koji_core::api::tagged::{Arches, Count, ListTagged, ListTaggedRpms};
use koji_core::paths::{self, Paths};
use koji_core::wire::Value;

use crate::context::{Ctx, EventArgs};
use crate::files::{build_dir, rpm_file, rpm_path};
use crate::line;
use crate::stop::{Outcome, Stop};
use crate::value::{View as _, item_at};

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
    let event = ctx.event(&args.at, args.quiet)?;
    if ctx.ask(GetTag { event: event.into(), ..GetTag::new(&args.tag) })?.is_nil() {
        return Err(Stop::usage(format!("No such tag: {}", args.tag)));
    }
    let packages = Paths::new(&ctx.settings.topdir).top().join("packages");
    if args.sigs && args.paths && !packages.exists() {
        let packages = packages.display();
        return Err(Stop::told(format!("'list-tagged --sigs --paths' requires accessible {packages}")));
    }
    let event = event.map(Into::into);
    let data = if args.rpms { ctx.ask(rpms(&args, event))? } else { ctx.ask(builds(&args, event))? };
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

impl Args {
    fn count(&self) -> Count {
        Count(self.latest_n.unwrap_or(self.latest.into()).into())
    }

    /// Drafts or none; of a type's builds, all.
    fn draft(&self) -> Option<bool> {
        (self.btype.is_none() && (self.no_draft || self.draft_only)).then_some(self.draft_only)
    }
}

fn builds(args: &Args, event: Option<EventId>) -> ListTagged {
    ListTagged {
        event,
        inherit: args.inherit,
        latest: args.count(),
        package: args.package.clone(),
        r#type: args.btype.clone(),
        draft: args.draft(),
        ..ListTagged::new(&args.tag)
    }
}

fn rpms(args: &Args, event: Option<EventId>) -> ListTaggedRpms {
    ListTaggedRpms {
        event,
        inherit: args.inherit,
        latest: args.count(),
        package: args.package.clone(),
        arch: Arches(args.arch.clone()),
        rpmsigs: args.sigs,
        r#type: args.btype.clone(),
        draft: args.draft(),
        ..ListTaggedRpms::new(&args.tag)
    }
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
