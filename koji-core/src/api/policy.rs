//! Methods that ask policies.

use crate::methods;
use crate::policy::{self, Access};
use crate::wire::Map;
use crate::{Error, Result};

/// What holds where no rule does.
fn default_allows(default: &str) -> Result<bool> {
    match default {
        "allow" => Ok(true),
        "deny" => Ok(false),
        other => Err(Error::generic(format!("Invalid policy default: {other} (give allow or deny)"))),
    }
}

fn ask(cx: &mut crate::context::Cx<'_>, name: &str, data: &Map, default: &str) -> Result<Access> {
    policy::access_or(cx, name, data, default_allows(default)?)
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
        name: String, data: Map, default: String = "deny".to_owned(), strict: bool = false,
    ) -> (bool, String) = |m, cx| {
        let access = ask(cx, &m.name, &m.data, &m.default)?;
        if m.strict {
            access.require(cx.env.config.flag("VerbosePolicy"))?;
        }
        Ok((access.allowed, access.reason))
    };

    /// An error if a policy does not allow something.
    read Host => HostAssertPolicy "host.assertPolicy" (name: String, data: Map, default: String = "deny".to_owned())
        -> () = |m, cx| {
            let verbose = cx.env.config.flag("VerbosePolicy");
            ask(cx, &m.name, &m.data, &m.default)?.require(verbose)
        };
}
