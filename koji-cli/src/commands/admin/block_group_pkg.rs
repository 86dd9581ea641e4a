//! `koji block-group-pkg`

use crate::context::Ctx;
use crate::stop::Outcome;
use koji_core::api::tag_group::GroupPackageListBlock;

/// Block packages in a group
///
/// Tags that inherit from this one inherit the block as well; it is more than a removal.
#[derive(clap::Args, Debug)]
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
        ctx.call(GroupPackageListBlock::new(&args.tag, &args.group, package))?;
    }
    Ok(0)
}
