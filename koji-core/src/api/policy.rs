//! Methods that ask policies.

use super::args::Arg;
use super::cast::KeyText;
use crate::Result;
use crate::context::Cx;
use crate::methods;
use crate::policy::{self, Access};
use crate::wire::{Map, Value};

/// The data that a policy looks at. What is no struct holds none.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts(pub Map);

impl Arg for Facts {
    fn take(value: Value) -> Result<Self> {
        Ok(Self(if let Value::Struct(members) = value { members } else { Map::new() }))
    }
    fn give(&self) -> Value {
        Value::Struct(self.0.clone())
    }
}

impl From<Map> for Facts {
    fn from(members: Map) -> Self {
        Self(members)
    }
}

/// Asks a policy. What is to be done where no rule holds may be anything: what is not `allow` or `deny` is an error in
/// the policy, and denies.
fn ask(cx: &mut Cx<'_>, name: &str, data: &Facts, default: &Value) -> Result<Access> {
    let default = if let Value::String(action) = default { action } else { "" };
    policy::access_or(cx, name, &data.0, default)
}

methods! {
    /// What a policy says is to be done; null if no rule holds.
    read Anyone => EvalPolicy "evalPolicy" (name: KeyText, data: Facts) -> Option<String>
        = |m, cx| Ok(policy::choose(cx, &m.name.0, &m.data.0)?.action);

    /// The same, for builders.
    read Host => HostEvalPolicy "host.evalPolicy" (name: String, data: Facts) -> Option<String>
        = |m, cx| Ok(policy::choose(cx, &m.name, &m.data.0)?.action);

    /// Whether a policy allows something, and why. `strict` makes a refusal an error.
    read Host => HostCheckPolicy "host.checkPolicy" (
        name: String, data: Facts, default: Value = Value::from("deny"), strict: bool = false,
    ) -> (bool, String) = |m, cx| {
        let access = ask(cx, &m.name, &m.data, &m.default)?;
        if m.strict {
            access.require(policy::is_verbose(cx))?;
        }
        Ok((access.allowed, access.reason))
    };

    /// An error if a policy does not allow something.
    read Host => HostAssertPolicy "host.assertPolicy" (name: String, data: Facts, default: Value = Value::from("deny"))
        -> () = |m, cx| ask(cx, &m.name, &m.data, &m.default)?.require(policy::is_verbose(cx));
}
