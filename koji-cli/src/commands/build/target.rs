//! The build target that a command names.

use koji_core::Error;
use koji_core::api::cast::{Amount, Truthy};
use koji_core::api::tag::GetTag;
use koji_core::api::target::GetBuildTarget;
use koji_core::db::Lookup;
use koji_core::wire::Value;

use crate::context::Ctx;
use crate::stop::Stop;
use crate::value::View as _;

/// How much later than others a build in the background is done.
const LATER: i64 = 5;

/// The priority to ask for, relative to the default one.
pub fn priority(background: bool) -> Truthy<Amount> {
    background.then_some(Amount(LATER)).into()
}

/// A target and the tag that its builds go to; a locked one takes scratch builds only.
pub fn check(ctx: &mut Ctx<'_>, name: &str, scratch: bool) -> Result<(Value, Value), Stop> {
    let target = ctx.ask(GetBuildTarget::new(Lookup::from(name)))?;
    if target.is_nil() {
        return Err(Stop::usage(format!("No such build target: {name}")));
    }
    let tag = ctx.ask(GetTag::new(target.int("dest_tag")))?;
    if tag.is_nil() {
        return Err(Stop::usage(format!("No such destination tag: {}", target.str("dest_tag_name"))));
    }
    if tag.has("locked") && !scratch {
        return Err(Stop::usage(format!("Destination tag {} is locked", tag.str("name"))));
    }
    Ok((target, tag))
}

/// The same for images, whose commands tell it as an error of the hub's; a locked tag is left to the builder.
pub fn check_of_image(ctx: &mut Ctx<'_>, name: &str) -> Result<(), Stop> {
    let missing = |what: &str, name: &str| Err(Error::generic(format!("No such {what}: {name}")).into());
    let target = ctx.ask(GetBuildTarget::new(Lookup::from(name)))?;
    if target.is_nil() {
        return missing("build target", name);
    }
    match ctx.ask(GetTag::new(target.int("dest_tag")))? {
        Value::Nil => missing("destination tag", target.str("dest_tag_name")),
        _ => Ok(()),
    }
}
