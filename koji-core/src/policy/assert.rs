//! Policies of `hub.conf` as the hub's rooms ask them: who may do what, and what is to be chosen.

use super::check::{Access, Rules, check};
use super::data::Data;
use super::eval::Verdict;
use super::hub_facts::HubFacts;
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
    ask(cx, name, data, Rules { force, ..Rules::default() })
}

/// The same, where the caller says what holds if no rule does.
pub fn access_or(cx: &mut Cx<'_>, name: &str, data: &Map, default_allows: bool) -> Result<Access> {
    ask(cx, name, data, Rules { default_allows, ..Rules::default() })
}

/// What a policy chooses; one that is missing is an error.
pub fn choose(cx: &mut Cx<'_>, name: &str, data: &Map) -> Result<Verdict> {
    let env = cx.env.clone();
    env.policies.eval(name, &Data::new(data.clone()), &mut HubFacts(cx))
}

fn ask(cx: &mut Cx<'_>, name: &str, data: &Map, rules: Rules) -> Result<Access> {
    let env = cx.env.clone();
    let rules = Rules { missing_allows: env.config.flag("MissingPolicyOk"), ..rules };
    check(&env.policies, name, &Data::new(data.clone()), &mut HubFacts(cx), rules)
}
