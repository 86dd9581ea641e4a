//! Policies of `hub.conf` as the hub's rooms ask them: who may do what, and what is to be chosen.

use super::check::{Access, Rules, check};
use super::data::Data;
use super::eval::Verdict;
use super::explain::Explanation;
use super::hub_facts::HubFacts;
use crate::Result;
use crate::context::Cx;
use crate::wire::Map;

/// Refuses what a policy does not allow. An admin who forces goes on; `data` is what the tests look at, and
/// `user_id` in it stands for the user who asks, if that is not the caller.
pub fn assert(cx: &mut Cx<'_>, name: &str, data: &Map, force: bool) -> Result<()> {
    access(cx, name, data, force)?.require(is_verbose(cx))
}

/// Whether a refusal tells the rule that it comes from.
pub fn is_verbose(cx: &Cx<'_>) -> bool {
    cx.env.config.flag("VerbosePolicy") || cx.env.config.flag("KojiDebug")
}

/// Whether a policy allows something, and why.
pub fn access(cx: &mut Cx<'_>, name: &str, data: &Map, force: bool) -> Result<Access> {
    ask(cx, name, data, Rules { force, ..Rules::default() })
}

/// The same, where the caller says what is to be done if no rule holds.
pub fn access_or(cx: &mut Cx<'_>, name: &str, data: &Map, default: &str) -> Result<Access> {
    ask(cx, name, data, Rules { default, ..Rules::default() })
}

/// What a policy chooses; one that is missing is an error.
pub fn choose(cx: &mut Cx<'_>, name: &str, data: &Map) -> Result<Verdict> {
    let env = cx.env.clone();
    env.policies.eval(name, &Data::new(data.clone()), &mut HubFacts(cx))
}

/// What a policy chooses, and the way there. Errors of tests are part of the explanation.
pub fn explain(cx: &mut Cx<'_>, name: &str, data: &Map) -> Result<Explanation> {
    let env = cx.env.clone();
    env.policies.explain(name, &Data::new(data.clone()), &mut HubFacts(cx))
}

fn ask(cx: &mut Cx<'_>, name: &str, data: &Map, rules: Rules<'_>) -> Result<Access> {
    let env = cx.env.clone();
    let rules = Rules { missing_allows: env.config.flag("MissingPolicyOk"), ..rules };
    check(&env.policies, name, &Data::new(data.clone()), &mut HubFacts(cx), rules)
}
