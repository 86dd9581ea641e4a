//! `koji remove-target`

use crate::context::Ctx;
use crate::stop::{Outcome, Stop};
use crate::value::View as _;
use koji_core::api::target::{DeleteBuildTarget, GetBuildTarget};
use koji_core::db::Lookup;

/// Remove a build target
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The target's name
    name: String,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    ctx.login()?;
    ctx.require("target")?;
    let target = ctx.ask(GetBuildTarget::new(Lookup::from(&args.name)))?;
    if target.is_nil() {
        return Err(Stop::told(format!("No such build target: {}", args.name)));
    }
    ctx.call(DeleteBuildTarget::new(target.int("id")))?;
    Ok(0)
}
