//! `koji list-pkgs`

use koji_core::wire::Map;

use crate::context::{Ctx, EventArgs};
use crate::line;
use crate::stop::{Outcome, Stop};
use crate::value::{View as _, put};

/// List the packages of a tag or an owner
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji list-pkgs --tag f40 --noinherit")]
pub struct Args {
    /// The packages of this owner
    #[arg(long)]
    owner: Option<String>,
    /// The packages of this tag
    #[arg(long)]
    tag: Option<String>,
    /// This package
    #[arg(long)]
    package: Option<String>,
    /// No header
    #[arg(long)]
    quiet: bool,
    /// Not what the tag inherits
    #[arg(long)]
    noinherit: bool,
    /// Blocked packages as well
    #[arg(long)]
    show_blocked: bool,
    /// What is hidden by nearer entries as well
    #[arg(long)]
    show_dups: bool,
    #[command(flatten)]
    at: EventArgs,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    let (opts, all) = options(ctx, &args)?;
    let data = ctx.call_with("listPackages", vec![], opts)?;
    if !data.is_true() {
        return Err(Stop::told("(no matching packages)"));
    }
    if ctx.settings.json {
        ctx.json(&data)?;
        return Ok(0);
    }
    if !(args.quiet || ctx.settings.quiet) {
        let bar = |width| "-".repeat(width);
        if all {
            line!(ctx, "Package\n{}", bar(23));
        } else {
            line!(ctx, "{:<23} {:<23} {:<16} {:<15}", "Package", "Tag", "Extra Arches", "Owner");
            line!(ctx, "{} {} {} {}", bar(23), bar(23), bar(16), bar(15));
        }
    }
    for package in data.items() {
        let name = package.str("package_name");
        if all || package.get("tag_id").is_none() {
            line!(ctx, "{name}");
            continue;
        }
        let blocked = package.has("blocked");
        if blocked && !args.show_blocked {
            continue;
        }
        line!(
            ctx,
            "{name:<23} {:<23} {:<16} {:<15}{}",
            package.str("tag_name"),
            package.str("extra_arches"),
            package.show("owner_name"),
            if blocked { " [BLOCKED]" } else { "" }
        );
    }
    Ok(0)
}

/// The arguments of the call, and whether nothing limits it.
fn options(ctx: &mut Ctx<'_>, args: &Args) -> Result<(Map, bool), Stop> {
    let mut opts: Map = vec![];
    if let Some(owner) = &args.owner {
        put(&mut opts, "userID", ctx.user(owner)?.int("id"));
    }
    if let Some(tag) = &args.tag {
        put(&mut opts, "tagID", ctx.tag(tag)?.int("id"));
    }
    if let Some(package) = &args.package {
        put(&mut opts, "pkgID", package);
    }
    let all = opts.is_empty();
    put(&mut opts, "inherited", !args.noinherit);
    // hiding makes sense only within one tag
    put(&mut opts, "with_dups", args.tag.is_none() || args.show_dups);
    if let Some(event) = ctx.event(&args.at, false)? {
        put(&mut opts, "event", event);
        if all {
            return Err(Stop::usage("--event and --ts makes sense only with --tag, --owner or --package"));
        }
    }
    if args.show_blocked {
        if all {
            return Err(Stop::usage("--show-blocked makes sense only with --tag, --owner or --package"));
        }
        put(&mut opts, "with_blocked", true);
    }
    Ok((opts, all))
}
