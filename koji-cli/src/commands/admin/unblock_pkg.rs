//! `koji unblock-pkg`

use crate::context::Ctx;
use crate::stop::Outcome;
use koji_core::api::package::PackageListUnblock;

/// Unblock packages in a tag
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The tag
    tag: String,
    /// The packages
    #[arg(required = true)]
    package: Vec<String>,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    ctx.login()?;
    ctx.multicall_strict(args.package.iter().map(|package| PackageListUnblock::new(&args.tag, package)))?;
    Ok(0)
}
