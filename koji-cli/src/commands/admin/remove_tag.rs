//! `koji remove-tag`

use koji_core::api::tag::{DeleteTag, GetTag};
use koji_core::db::Lookup;

use crate::context::Ctx;
use crate::stop::{Outcome, Stop};
use crate::value::View as _;

/// Remove a tag
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The tag's name
    name: String,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    ctx.login()?;
    ctx.require("tag")?;
    let tag = ctx.ask(GetTag::new(Lookup::from(args.name.as_str())))?;
    if tag.is_nil() {
        return Err(Stop::told(format!("No such tag: {}", args.name)));
    }
    ctx.call(DeleteTag::new(tag.int("id")))?;
    Ok(0)
}
