//! `koji list-pkgs`

use koji_core::api::package::ListPackages;

use crate::context::{Ctx, EventArgs};
use crate::line;
use crate::stop::{Outcome, Stop};
use crate::value::View as _;

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
    let (wanted, all) = wanted(ctx, &args)?;
    let data = ctx.ask(wanted)?;
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

/// The call, and whether nothing limits it.
fn wanted(ctx: &mut Ctx<'_>, args: &Args) -> Result<(ListPackages, bool), Stop> {
    let mut wanted = ListPackages::new();
    if let Some(owner) = &args.owner {
        wanted.userID = Some(ctx.user(owner)?.int("id").into());
    }
    if let Some(tag) = &args.tag {
        wanted.tagID = Some(ctx.tag(tag)?.int("id").into());
    }
    wanted.pkgID = args.package.as_ref().map(Into::into);
    let all = args.owner.is_none() && args.tag.is_none() && args.package.is_none();
    wanted.inherited = !args.noinherit;
    // hiding makes sense only within one tag
    wanted.with_dups = args.tag.is_none() || args.show_dups;
    if let Some(event) = ctx.event(&args.at, false)? {
        wanted.event = Some(event.into());
        if all {
            return Err(Stop::usage("--event and --ts makes sense only with --tag, --owner or --package"));
        }
    }
    if args.show_blocked && all {
        return Err(Stop::usage("--show-blocked makes sense only with --tag, --owner or --package"));
    }
    Ok((wanted, all))
}
