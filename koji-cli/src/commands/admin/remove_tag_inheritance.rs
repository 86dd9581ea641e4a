//! `koji remove-tag-inheritance`

use super::inheritance_link::find;
use crate::context::Ctx;
use crate::stop::Outcome;
use crate::value::set;

/// Let a tag no longer inherit from another
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The tag that inherits
    tag: String,
    /// The tag it inherits from
    parent: Option<String>,
    /// The priority of the link
    priority: Option<i64>,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    ctx.login()?;
    let mut link = find(ctx, &args.tag, args.parent.as_deref(), args.priority)?;
    set(&mut link.all[link.place], "delete link", true);
    link.save(ctx)?;
    Ok(0)
}
