//! `koji add-pkg`

use koji_core::api::package::PackageListAdd;
use koji_core::api::user::GetUser;
use koji_core::arch::{Separators, normalize};
use koji_core::tag::create::Arches;

use super::package_listing;
use crate::context::Ctx;
use crate::line;
use crate::stop::{Outcome, Stop};

/// Add packages to the list of a tag
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji add-pkg --owner ann f40 bash coreutils")]
pub struct Args {
    /// The tag
    tag: String,
    /// The packages
    #[arg(required = true)]
    package: Vec<String>,
    /// Add them even if the tag is locked
    #[arg(long)]
    force: bool,
    /// Who owns them
    #[arg(long)]
    owner: Option<String>,
    /// Arches to build for beyond the tag's
    #[arg(long)]
    extra_arches: Option<String>,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    let owner = args.owner.ok_or_else(|| Stop::usage("Please specify an owner for the package(s)"))?;
    let arches = args.extra_arches.as_deref().map(|arches| normalize(arches, Separators::Loose));
    let extra_arches = arches.transpose()?;
    ctx.login()?;
    if ctx.ask(GetUser { userInfo: (&owner).into(), ..GetUser::new() })?.is_nil() {
        return Err(Stop::told(format!("No such user: {owner}")));
    }
    let listed = package_listing::names(ctx, &args.tag, false)?;
    let mut calls = vec![];
    for package in args.package {
        if listed.contains(&package) {
            line!(ctx, "Package {package} already exists in tag {}", args.tag);
            continue;
        }
        calls.push(PackageListAdd {
            owner: Some((&owner).into()),
            block: Some(false),
            extra_arches: extra_arches.clone().map_or(Arches::Missing, Arches::Text),
            force: args.force,
            ..PackageListAdd::new(&args.tag, package)
        });
    }
    line!(ctx, "Adding {} packages to tag {}", calls.len(), args.tag);
    ctx.multicall_strict(calls)?;
    Ok(0)
}
