//! What the commands on a tag's package list have in common.

use koji_core::api::package::ListPackages;
use koji_core::api::tag::GetTag;
use std::collections::HashSet;

use crate::context::Ctx;
use crate::stop::Stop;
use crate::value::View as _;

/// The names of the packages of a tag.
pub fn names(ctx: &mut Ctx<'_>, tag: &str, inherited: bool) -> Result<HashSet<String>, Stop> {
    let found = ctx.ask(GetTag::new(tag))?;
    if found.is_nil() {
        return Err(Stop::told(format!("No such tag: {tag}")));
    }
    let listing = ctx.ask(ListPackages {
        tagID: Some(found.int("id").into()),
        inherited,
        with_owners: false,
        ..ListPackages::new()
    })?;
    Ok(listing.items().iter().map(|package| package.str("package_name").to_owned()).collect())
}

/// Refuses packages that are not listed, each told with a warning.
pub fn require(
    ctx: &mut Ctx<'_>,
    listed: &HashSet<String>,
    packages: &[String],
    warning: impl Fn(&str) -> String,
) -> Result<(), Stop> {
    let missing: Vec<&String> = packages.iter().filter(|package| !listed.contains(*package)).collect();
    for package in &missing {
        ctx.warn(warning(package))?;
    }
    if missing.is_empty() { Ok(()) } else { Err(Stop::Quiet(1)) }
}
