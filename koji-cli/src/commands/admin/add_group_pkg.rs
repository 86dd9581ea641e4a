//! `koji add-group-pkg`

use crate::context::Ctx;
use crate::stop::Outcome;
use koji_core::api::tag_group::GroupPackageListAdd;

/// Add packages to a group
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji add-group-pkg f40-build build bash gcc make")]
pub struct Args {
    /// The tag
    tag: String,
    /// The group
    group: String,
    /// The packages
    #[arg(required = true)]
    pkg: Vec<String>,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    ctx.login()?;
    for package in &args.pkg {
        ctx.call(GroupPackageListAdd::new(&args.tag, &args.group, package))?;
    }
    Ok(0)
}
