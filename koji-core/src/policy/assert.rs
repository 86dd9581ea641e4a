//! Policies of `hub.conf`: who may do what, and what is to be chosen.

use super::check::{Access, Rules, check};
use super::data::Data;
use super::eval::{Policies, Verdict};
use super::hub_facts::HubFacts;
use super::tests::Registry;
use crate::Result;
use crate::context::Cx;
use crate::wire::Map;

/// Refuses what a policy does not allow. An admin who forces goes on; `data` is what the tests look at, and
/// `user_id` in it stands for the user who asks, if that is not the caller.
pub fn assert(cx: &mut Cx<'_>, name: &str, data: &Map, force: bool) -> Result<()> {
    access(cx, name, data, force)?.require(cx.env.config.flag("VerbosePolicy"))
}

/// Whether a policy allows something, and why.
pub fn access(cx: &mut Cx<'_>, name: &str, data: &Map, force: bool) -> Result<Access> {
    let policies = policies(cx)?;
    let rules = Rules { missing_allows: cx.env.config.flag("MissingPolicyOk"), default_allows: false, force };
    check(&policies, name, &Data::new(data.clone()), &mut HubFacts(cx), rules)
}

/// What a policy chooses; one that is missing is an error.
pub fn choose(cx: &mut Cx<'_>, name: &str, data: &Map) -> Result<Verdict> {
    policies(cx)?.eval(name, &Data::new(data.clone()), &mut HubFacts(cx))
}

fn policies(cx: &Cx<'_>) -> Result<Policies> {
    Policies::parse(cx.env.config.policies(), &Registry::builtin())
}
