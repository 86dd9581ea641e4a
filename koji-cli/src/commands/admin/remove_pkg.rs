//! `koji remove-pkg`

use super::package_listing;
use crate::context::Ctx;
use crate::stop::Outcome;
use koji_core::api::package::PackageListRemove;

/// Remove packages from the list of a tag
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The tag
    tag: String,
    /// The packages
    #[arg(required = true)]
    package: Vec<String>,
    /// Remove them even if there are builds of them in the tag
    #[arg(long)]
    force: bool,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    ctx.login()?;
    let listed = package_listing::names(ctx, &args.tag, false)?;
    package_listing::require(ctx, &listed, &args.package, |package| {
        format!("Package {package} is not in tag {}", args.tag)
    })?;
    let calls = args
        .package
        .iter()
        .map(|package| PackageListRemove { force: args.force, ..PackageListRemove::new(&args.tag, package) });
    ctx.multicall_strict(calls)?;
    Ok(0)
}
