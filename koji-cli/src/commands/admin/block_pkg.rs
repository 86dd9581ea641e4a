//! `koji block-pkg`

use super::package_listing;
use crate::context::Ctx;
use crate::stop::Outcome;
use koji_core::api::package::PackageListBlock;

/// Block packages in a tag
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The tag
    tag: String,
    /// The packages
    #[arg(required = true)]
    package: Vec<String>,
    /// Block them even if the tag is locked
    #[arg(long)]
    force: bool,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    ctx.login()?;
    let listed = package_listing::names(ctx, &args.tag, true)?;
    package_listing::require(ctx, &listed, &args.package, |package| {
        format!("Package {package} doesn't exist in tag {}", args.tag)
    })?;
    let calls = args
        .package
        .iter()
        .map(|package| PackageListBlock { force: args.force, ..PackageListBlock::new(&args.tag, package) });
    ctx.multicall_strict(calls)?;
    Ok(0)
}
