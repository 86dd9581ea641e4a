//! Policies that allow or deny.

use super::data::Data;
use super::eval::Policies;
use super::facts::Facts;
use crate::{Error, Result};

/// How a check goes about what is special.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Whether a policy that does not exist allows.
    pub missing_allows: bool,
    /// Whether to allow where no rule holds.
    pub default_allows: bool,
    /// Whether an administrator insists.
    pub force: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self { missing_allows: true, default_allows: false, force: false }
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
    rules: Rules,
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
        let verdict = policies.eval(name, data, facts)?;
        match verdict
            .action
            .as_deref()
            .map(|action| action.split_once(char::is_whitespace).unwrap_or((action, "")))
        {
            None => access(rules.default_allows, "not covered by policy", &verdict.rule),
            Some((action, reason)) => match action.to_lowercase().as_str() {
                "allow" => access(true, reason.trim_start(), &verdict.rule),
                "deny" => access(false, reason.trim_start(), &verdict.rule),
                _ => access(false, "error in policy", &verdict.rule),
            },
        }
    };
    if !found.allowed
        && rules.force
        && let Some(user) = facts.find_user(data.given("user_id"))?
        && facts.user_perms(user.id)?.iter().any(|perm| perm == "admin")
    {
        return Ok(access(true, "overriden by force", &found.rule));
    }
    Ok(found)
}
