//! `koji add-group`

use crate::context::Ctx;
use crate::stop::{Outcome, Stop};
use crate::value::View as _;
use koji_core::api::tag::GetTag;
use koji_core::api::tag_group::{GetTagGroups, GroupListAdd};

/// Add a group to a tag
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji add-group f40-build build")]
pub struct Args {
    /// The tag
    tag: String,
    /// The group
    group: String,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    ctx.login()?;
    if has_group(ctx, &args.tag, &args.group)? {
        let Args { tag, group } = args;
        return Err(Stop::told(format!("Group {group} already exists for tag {tag}")));
    }
    ctx.call(GroupListAdd::new(args.tag, args.group))?;
    Ok(0)
}

/// Whether a tag itself has a group. Refuses callers who may not change groups.
pub fn has_group(ctx: &mut Ctx<'_>, tag: &str, group: &str) -> Result<bool, Stop> {
    ctx.require("tag")?;
    if ctx.ask(GetTag::new(tag))?.is_nil() {
        return Err(Stop::told(format!("No such tag: {tag}")));
    }
    let groups = ctx.ask(GetTagGroups { inherit: false, ..GetTagGroups::new(tag) })?;
    Ok(groups.items().iter().any(|known| known.str("name") == group))
}
