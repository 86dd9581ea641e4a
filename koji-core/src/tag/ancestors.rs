//! The links to what a tag inherits from, without the loops that were passed over.

use super::inheritance::Link;
use super::links;
use crate::Result;
use crate::context::Cx;

/// The links of everything that a tag inherits from, now or at an event, in the order of precedence.
pub fn links(cx: &mut Cx<'_>, tag: i32, event: Option<i32>) -> Result<Vec<Link>> {
    Ok(links::ancestors(cx, tag.into(), event)?.links)
}
