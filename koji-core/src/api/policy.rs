//! Methods that ask policies.

use crate::Result;
use crate::context::Cx;
use crate::methods;
use crate::policy::{self, Access};
use crate::wire::{Map, Value};

/// Asks a policy. What is to be done where no rule holds may be anything: what is not `allow` or `deny` is an error in
/// the policy, and denies.
fn ask(cx: &mut Cx<'_>, name: &str, data: &Map, default: &Value) -> Result<Access> {
    let default = if let Value::String(action) = default { action } else { "" };
    policy::access_or(cx, name, data, default)
}

methods! {
    /// What a policy says is to be done; null if no rule holds.
    read Anyone => EvalPolicy "evalPolicy" (name: String, data: Map) -> Option<String>
        = |m, cx| Ok(policy::choose(cx, &m.name, &m.data)?.action);

    /// The same, for builders.
    read Host => HostEvalPolicy "host.evalPolicy" (name: String, data: Map) -> Option<String>
        = |m, cx| Ok(policy::choose(cx, &m.name, &m.data)?.action);

    /// Whether a policy allows something, and why. `strict` makes a refusal an error.
    read Host => HostCheckPolicy "host.checkPolicy" (
        name: String, data: Map, default: Value = Value::from("deny"), strict: bool = false,
    ) -> (bool, String) = |m, cx| {
        let access = ask(cx, &m.name, &m.data, &m.default)?;
        if m.strict {
            access.require(policy::is_verbose(cx))?;
        }
        Ok((access.allowed, access.reason))
    };

    /// An error if a policy does not allow something.
    read Host => HostAssertPolicy "host.assertPolicy" (name: String, data: Map, default: Value = Value::from("deny"))
        -> () = |m, cx| ask(cx, &m.name, &m.data, &m.default)?.require(policy::is_verbose(cx));
}
