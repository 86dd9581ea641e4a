//! `koji unblock-group`

use crate::args;
use crate::context::Ctx;
use crate::stop::Outcome;

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
    ctx.call("groupListUnblock", args![args.tag, args.group])?;
    Ok(0)
}
