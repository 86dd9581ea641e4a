//! Policies that allow or deny.

use super::data::Data;
use super::eval::{Policies, Verdict};
use super::facts::Facts;
use super::tests::user::of_request;
use crate::{Error, Result};

/// How a check goes about what is special.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// Whether a policy that does not exist allows.
    pub missing_allows: bool,
    /// The action where no rule holds.
    pub default: &'a str,
    /// Whether an administrator insists.
    pub force: bool,
}

impl Default for Rules<'_> {
    fn default() -> Self {
        Self { missing_allows: true, default: "deny", force: false }
    }
}

/// The outcome of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Whether the request may go on.
    pub allowed: bool,
    /// What the rule says after its action, or what is special. May be empty.
    pub reason: String,
    /// The rule that decided; empty if the policy is missing.
    pub rule: String,
    policy: String,
}

impl Access {
    /// Turns a refusal into an error.
    pub fn require(&self, verbose: bool) -> Result<()> {
        if self.allowed {
            return Ok(());
        }
        let mut message = format!("policy violation ({})", self.policy);
        if !self.reason.is_empty() {
            message += &format!(": {}", self.reason);
        }
        if verbose {
            message += &format!(" [rule: {}]", self.rule);
        }
        Err(Error::not_allowed(message))
    }
}

/// Applies a policy whose actions are `allow` and `deny`; any other action denies.
pub fn check(
    policies: &Policies,
    name: &str,
    data: &Data,
    facts: &mut dyn Facts,
    rules: Rules<'_>,
) -> Result<Access> {
    let access = |allowed, reason: &str, rule: &str| Access {
        allowed,
        reason: reason.into(),
        rule: rule.into(),
        policy: name.into(),
    };
    let found = if policies.find(name).is_none() {
        access(rules.missing_allows, "missing policy", "")
    } else {
        let Verdict { action, rule } = policies.eval(name, data, facts)?;
        let (action, reason) = match action.as_deref() {
            None => (rules.default.to_owned(), "not covered by policy"),
            Some(action) => {
                let (word, reason) = action.split_once(char::is_whitespace).unwrap_or((action, ""));
                (word.to_lowercase(), reason.trim_start())
            }
        };
        match action.as_str() {
            "allow" => access(true, reason, &rule),
            "deny" => access(false, reason, &rule),
            _ => {
                tracing::error!(policy = name, rule, "a rule neither allows nor denies");
                access(false, "error in policy", &rule)
            }
        }
    };
    if !found.allowed
        && rules.force
        && let Some(user) = of_request(data, facts)?
        && facts.user_perms(user.id)?.iter().any(|perm| perm == "admin")
    {
        return Ok(access(true, "overriden by force", &found.rule));
    }
    Ok(found)
}
