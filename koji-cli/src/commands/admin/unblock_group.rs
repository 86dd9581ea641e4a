//! `koji unblock-group`

use crate::context::Ctx;
use crate::stop::Outcome;
use koji_core::api::tag_group::GroupListUnblock;

/// Unblock a group in a tag
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The tag
    tag: String,
    /// The group
    group: String,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    ctx.login()?;
    ctx.call(GroupListUnblock::new(args.tag, args.group))?;
    Ok(0)
}
