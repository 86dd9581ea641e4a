//! `koji list-tags`

use koji_core::api::Method;
use koji_core::api::build::GetBuild;
use koji_core::api::package::GetPackage;
use koji_core::api::tag::ListTags;
use koji_core::nvr::Nvr;
use koji_core::wire::Value;

use crate::context::Ctx;
use crate::line;
use crate::stop::{Outcome, Stop};
use crate::value::{View as _, into_items};

/// List tags
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji list-tags --build bash-5.2-1.fc40")]
pub struct Args {
    /// Only tags whose names match a shell pattern
    pattern: Vec<String>,
    /// Show ids
    #[arg(long)]
    show_id: bool,
    /// Show locks and permissions
    #[arg(long)]
    verbose: bool,
    /// Only tags that are open to all
    #[arg(long)]
    unlocked: bool,
    /// Only tags that a build is in
    #[arg(long)]
    build: Option<String>,
    /// Only tags that list a package
    #[arg(long)]
    package: Option<String>,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    let mut wanted = ListTags::new();
    if let Some(name) = &args.package {
        wanted.package = Some(find(ctx, GetPackage::new(name), "package", name)?.into());
    }
    if let Some(name) = &args.build {
        let build = find(ctx, GetBuild::new(Nvr::parse(name)?), "build", name)?;
        wanted.build = Some(build.into());
    }
    let mut tags = if args.pattern.is_empty() {
        into_items(ctx.ask(wanted)?)
    } else {
        let calls =
            args.pattern.iter().map(|pattern| ListTags { pattern: Some(pattern.clone()), ..wanted.clone() });
        ctx.multicall_strict(calls)?.into_iter().flat_map(into_items).collect()
    };
    tags.retain(|tag| !args.unlocked || !(tag.has("locked") || tag.has("perm")));
    tags.sort_by(|left, right| left.str("name").cmp(right.str("name")));
    if ctx.settings.json {
        ctx.json(&Value::Array(tags))?;
        return Ok(0);
    }
    for tag in &tags {
        write!(ctx.out, "{}", tag.str("name"))?;
        if args.show_id {
            write!(ctx.out, " [{}]", tag.int("id"))?;
        }
        if args.verbose && tag.has("locked") {
            write!(ctx.out, " [LOCKED]")?;
        }
        if args.verbose && tag.has("perm") {
            write!(ctx.out, " [{} perm required]", tag.str("perm"))?;
        }
        line!(ctx);
    }
    Ok(0)
}

/// The id of a thing that was named.
fn find(ctx: &mut Ctx<'_>, method: impl Method, what: &str, name: &str) -> Result<i64, Stop> {
    let found = ctx.ask(method)?;
    if found.is_nil() {
        return Err(Stop::usage(format!("No such {what}: {name}")));
    }
    Ok(found.int("id"))
}
