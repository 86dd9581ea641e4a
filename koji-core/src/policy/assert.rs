//! Policies of `hub.conf` as the hub's rooms ask them: may this be done, what is to be done.

use super::check::{self, Access, Rules};
use super::data::Data;
use super::database::Database;
use crate::Result;
use crate::context::Cx;
use crate::wire::Map;

/// Refuses what a policy does not allow. An admin who forces goes on; `data` is what the tests look at, and
/// `user_id` in it stands for the user who asks, if that is not the caller.
pub fn assert(cx: &mut Cx<'_>, name: &str, data: &Map, force: bool) -> Result<()> {
    let verbose = cx.env.config.flag("VerbosePolicy") || cx.env.config.flag("KojiDebug");
    access(cx, name, data, false, force)?.require(verbose)
}

/// Whether a policy allows something, and why. `default_allows` decides where no rule holds.
pub fn access(cx: &mut Cx<'_>, name: &str, data: &Map, default_allows: bool, force: bool) -> Result<Access> {
    let env = cx.env.clone();
    let rules = Rules { missing_allows: env.config.flag("MissingPolicyOk"), default_allows, force };
    let access = check::check(&env.policies, name, &Data::new(data.clone()), &mut Database(cx), rules)?;
    tracing::debug!(policy = name, allowed = access.allowed, reason = access.reason, rule = access.rule, "asked");
    Ok(access)
}

/// What a policy says is to be done: the action as written, None if no rule holds. A missing policy is an error.
pub fn action(cx: &mut Cx<'_>, name: &str, data: &Map) -> Result<Option<String>> {
    let env = cx.env.clone();
    Ok(env.policies.eval(name, &Data::new(data.clone()), &mut Database(cx))?.action)
}
