//! Tagging and untagging at once, without a task.

use super::check::Operation;
use super::listing::{self, Change};
use crate::build::{BuildRef, row};
use crate::context::Cx;
use crate::db::Lookup;
use crate::notification::send::{self, Tagged};
use crate::tag::access;
use crate::{Result, build};

/// A build and a tag, and how the one is to be put into the other or taken out.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The tag
    pub tag: Lookup,
    /// The build
    pub build: BuildRef,
    /// Whether it is an error for untagging that the build is not in the tag
    pub strict: bool,
    /// Whether an admin overrules locks and policy, and a tagged build is tagged anew
    pub force: bool,
    /// Whether mails are sent
    pub notify: bool,
}

/// Tags a build without looking at the package list: for imports.
pub fn tag(cx: &mut Cx<'_>, wish: &Wish) -> Result<()> {
    let tag = access::get(cx, &wish.tag)?;
    let build = row::get(cx, &wish.build)?;
    let user = cx.user_id()?;
    Operation { to: Some(&tag), from: None, user: None }.allowed(cx, build.id, wish.force)?;
    access::assert(cx, &tag, user, wish.force)?;
    let change = Change { tag: &tag, user, force: wish.force };
    listing::tag(cx, &change, std::slice::from_ref(&build))?;
    if wish.notify {
        send::tagged(cx, &Tagged::by_call(Some(&wish.tag), None, &wish.build, user))?;
    }
    Ok(())
}

/// Untags a build.
pub fn untag(cx: &mut Cx<'_>, wish: &Wish) -> Result<()> {
    let tag = access::get(cx, &wish.tag)?;
    let build = row::get(cx, &wish.build)?;
    let user = cx.user_id()?;
    Operation { to: None, from: Some(&tag), user: None }.allowed(cx, build.id, wish.force)?;
    access::assert(cx, &tag, user, wish.force)?;
    listing::untag(cx, &Change { tag: &tag, user, force: wish.force }, &build, wish.strict)?;
    if wish.notify {
        send::tagged(cx, &Tagged::by_call(None, Some(&wish.tag), &wish.build, user))?;
    }
    Ok(())
}

/// Tags builds in their order, whatever locks, package list and policy say. One that cannot be tagged stops all. What
/// builds is asked once the tag is found.
pub fn mass(cx: &mut Cx<'_>, tag: &Lookup, builds: impl FnOnce() -> Result<Vec<BuildRef>>) -> Result<()> {
    let tag = access::get(cx, tag)?;
    let builds = builds()?;
    let user = cx.user_id()?;
    let builds = build::many::get(cx, &builds)?;
    listing::tag(cx, &Change { tag: &tag, user, force: true }, &builds)?;
    // what follows in this call is later than the last build
    cx.forget_event();
    Ok(())
}
