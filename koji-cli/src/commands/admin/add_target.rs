//! `koji add-target`

use crate::context::Ctx;
use crate::stop::{Outcome, Stop};
use crate::value::View as _;
use koji_core::api::tag::GetTag;
use koji_core::api::target::CreateBuildTarget;

/// Add a build target
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji add-target f40 f40-build f40-candidate")]
pub struct Args {
    /// The target's name
    name: String,
    /// The tag whose repo buildroots are made of
    build_tag: String,
    /// The tag that builds go to; one of the target's name if absent
    dest_tag: Option<String>,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    let dest_tag = args.dest_tag.unwrap_or_else(|| args.name.clone());
    ctx.login()?;
    ctx.require("target")?;
    check_build_tag(ctx, &args.build_tag)?;
    check_dest_tag(ctx, &dest_tag)?;
    ctx.call(CreateBuildTarget::new(args.name, args.build_tag, dest_tag))?;
    Ok(0)
}

/// Refuses a build tag that is unknown or builds for no arch.
pub fn check_build_tag(ctx: &mut Ctx<'_>, name: &str) -> Result<(), Stop> {
    let tag = ctx.ask(GetTag::new(name))?;
    if tag.is_nil() {
        return Err(Stop::told(format!("No such tag: {name}")));
    }
    if !tag.has("arches") {
        return Err(Stop::told(format!("Build tag has no arches: {name}")));
    }
    Ok(())
}

/// Refuses an unknown destination.
pub fn check_dest_tag(ctx: &mut Ctx<'_>, name: &str) -> Result<(), Stop> {
    if ctx.ask(GetTag::new(name))?.is_nil() {
        return Err(Stop::told(format!("No such destination tag: {name}")));
    }
    Ok(())
}
