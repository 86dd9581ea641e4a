//! `koji list-tags`

use koji_core::wire::Value;

use crate::context::Ctx;
use crate::stop::{Outcome, Stop};
use crate::value::{View as _, into_items};
use crate::{args, kwargs, line};

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
    let package = find(ctx, "getPackage", "package", args.package.as_ref())?;
    let build = find(ctx, "getBuild", "build", args.build.as_ref())?;
    let opts = kwargs![build = build, package = package];
    let mut tags = if args.pattern.is_empty() {
        into_items(ctx.call_with("listTags", vec![], opts)?)
    } else {
        let calls = args.pattern.iter().map(|pattern| {
            let mut opts = opts.clone();
            opts.push(("pattern".into(), Value::String(pattern.clone())));
            ("listTags".to_owned(), args![], opts)
        });
        ctx.multicall_strict(calls.collect())?.into_iter().flat_map(into_items).collect()
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
fn find(ctx: &mut Ctx<'_>, method: &str, what: &str, name: Option<&String>) -> Result<Value, Stop> {
    let Some(name) = name else { return Ok(Value::Nil) };
    let found = ctx.call(method, args![name])?;
    if found.is_nil() {
        return Err(Stop::usage(format!("No such {what}: {name}")));
    }
    Ok(found.at("id").clone())
}
