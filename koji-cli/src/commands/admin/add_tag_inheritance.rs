//! `koji add-tag-inheritance`

use koji_core::api::tag::GetInheritanceData;
use koji_core::wire::Value;

use super::inheritance_link::{same_priority, save};
use crate::context::Ctx;
use crate::kwargs;
use crate::stop::{Outcome, Stop};
use crate::value::{View as _, into_items};

/// Let a tag inherit from another
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji add-tag-inheritance --priority 10 f40-build f40")]
pub struct Args {
    /// The tag that inherits
    tag: String,
    /// The tag it inherits from
    parent: String,
    /// The place among the parents; small numbers come first
    #[arg(long, default_value_t = 0)]
    priority: i64,
    /// How many levels further up to look
    #[arg(long)]
    maxdepth: Option<String>,
    /// Do not pass the parent on to tags that inherit from this one
    #[arg(long)]
    intransitive: bool,
    /// Inherit packages only, no configuration
    #[arg(long)]
    noconfig: bool,
    /// Inherit only packages that match this regular expression
    #[arg(long)]
    pkg_filter: Option<String>,
    /// Add the parent even if it is one already
    #[arg(long)]
    force: bool,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    ctx.login()?;
    let tag = ctx.tag(&args.tag)?;
    let parent = ctx.tag(&args.parent)?;
    let mut links = into_items(ctx.ask(GetInheritanceData::new(tag.int("id")))?);
    let name = tag.str("name");
    if !args.force && links.iter().any(|link| link.int("parent_id") == parent.int("id")) {
        let parent = parent.str("name");
        ctx.warn(format!(
            "Error: You are attempting to add {parent} as {name}'s parent even though it already is \
             {name}'s parent."
        ))?;
        return Err(Stop::told("Please use --force if this is what you really want to do."));
    }
    if links.iter().any(|link| link.int("priority") == args.priority) {
        return Err(same_priority(name));
    }
    links.push(Value::Struct(kwargs![
        parent_id = parent.int("id"),
        priority = args.priority,
        maxdepth = args.maxdepth.as_deref().and_then(|depth| depth.parse::<i64>().ok()),
        intransitive = args.intransitive,
        noconfig = args.noconfig,
        pkg_filter = args.pkg_filter.unwrap_or_default(),
    ]));
    save(ctx, tag.int("id"), links)?;
    Ok(0)
}
