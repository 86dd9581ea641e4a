//! `koji edit-target`

use koji_core::Error;
use koji_core::api::target::{EditBuildTarget, GetBuildTarget};
use koji_core::db::Lookup;

use super::add_target::{check_build_tag, check_dest_tag};
use crate::context::Ctx;
use crate::stop::Outcome;
use crate::value::View as _;

/// Change a build target
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The target's name
    name: String,
    /// Give it another name
    #[arg(long)]
    rename: Option<String>,
    /// The tag whose repo buildroots are made of
    #[arg(long)]
    build_tag: Option<String>,
    /// The tag that builds go to
    #[arg(long)]
    dest_tag: Option<String>,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    ctx.login()?;
    ctx.require("target")?;
    let target = ctx.ask(GetBuildTarget::new(Lookup::from(&args.name)))?;
    if target.is_nil() {
        return Err(Error::generic(format!("No such build target: {}", args.name)).into());
    }
    if let Some(tag) = &args.build_tag {
        check_build_tag(ctx, tag)?;
    }
    if let Some(tag) = &args.dest_tag {
        check_dest_tag(ctx, tag)?;
    }
    let or = |given: Option<String>, name: &str| given.unwrap_or_else(|| target.str(name).to_owned());
    ctx.call(EditBuildTarget::new(
        target.str("name"),
        or(args.rename, "name"),
        or(args.build_tag, "build_tag_name"),
        or(args.dest_tag, "dest_tag_name"),
    ))?;
    Ok(0)
}
