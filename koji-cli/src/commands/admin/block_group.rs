//! `koji block-group`

use super::add_group::has_group;
use crate::args;
use crate::context::Ctx;
use crate::stop::{Outcome, Stop};

/// Block a group in a tag
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The tag
    tag: String,
    /// The group
    group: String,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    ctx.login()?;
    if !has_group(ctx, &args.tag, &args.group)? {
        let Args { tag, group } = args;
        return Err(Stop::told(format!("Group {group} doesn't exist within tag {tag}")));
    }
    ctx.call("groupListBlock", args![args.tag, args.group])?;
    Ok(0)
}
