//! Policies of `hub.conf`: who may do what.
//!
//! So far rules are read line by line with the tests `all`, `none` and `has_perm`, which is what the default
//! policies are made of. A rule with anything else is an error that names it: nothing is allowed by mistake.

use crate::context::Cx;
use crate::wire::{Map, Value};
use crate::{Error, Result, user};

/// Refuses what a policy does not allow. An admin who forces goes on; `data` is what the tests look at, and
/// `user_id` in it stands for the user who asks, if that is not the caller.
pub fn assert(cx: &mut Cx<'_>, name: &str, data: &Map, force: bool) -> Result<()> {
    let Some(rules) = cx.env.config.policies().get(name).cloned() else {
        // without the policy the option decides, as it did before there were policies
        return if cx.env.config.flag("MissingPolicyOk") {
            Ok(())
        } else {
            Err(refused(name, "missing policy"))
        };
    };
    let perms = perms(cx, data)?;
    let action = decide(name, &rules, &perms)?;
    let (verdict, reason) = match action.as_deref() {
        None => ("deny".to_owned(), "not covered by policy"),
        Some(action) => {
            let (verdict, reason) = action.split_once(char::is_whitespace).unwrap_or((action, ""));
            (verdict.to_lowercase(), reason.trim())
        }
    };
    match verdict.as_str() {
        "allow" => Ok(()),
        _ if force && perms.iter().any(|perm| perm == "admin") => {
            tracing::info!(policy = name, user = cx.user_name(), reason, "policy overridden by force");
            Ok(())
        }
        "deny" => Err(refused(name, reason)),
        _ => Err(refused(name, "error in policy")),
    }
}

fn refused(name: &str, reason: &str) -> Error {
    let colon = if reason.is_empty() { "" } else { ": " };
    Error::not_allowed(format!("policy violation ({name}){colon}{reason}"))
}

fn perms(cx: &mut Cx<'_>, data: &Map) -> Result<Vec<String>> {
    match data.iter().find(|(key, _)| key == "user_id") {
        Some((_, Value::Int(user))) => {
            let user = i32::try_from(*user).map_err(|_| Error::generic(format!("No such user: {user}")))?;
            user::perms::of_user(cx.db, user)
        }
        _ => cx.perms().map(<[String]>::to_vec),
    }
}

/// The action of the first rule whose tests all hold.
fn decide(name: &str, rules: &str, perms: &[String]) -> Result<Option<String>> {
    let unclear = |line: &str| {
        Error::new(crate::Fault::Configuration, format!("policy {name}: this rule is not understood: {line}"))
    };
    for line in rules.lines().map(|line| line.split('#').next().unwrap_or_default().trim()) {
        if line.is_empty() {
            continue;
        }
        let (tests, action) = line.split_once("::").ok_or_else(|| unclear(line))?;
        let action = action.trim();
        if action.is_empty() || action.contains(['{', '}']) {
            return Err(unclear(line));
        }
        let mut holds = true;
        for test in tests.split("&&") {
            let mut words = test.split_whitespace();
            holds &= match words.next() {
                Some("all" | "true") => true,
                Some("none" | "false") => false,
                Some("has_perm") => words.any(|wanted| perms.iter().any(|perm| perm == wanted)),
                _ => return Err(unclear(line)),
            };
        }
        if holds {
            return Ok(Some(action.to_owned()));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rule_that_holds_decides() {
        let rules = "has_perm admin tag :: allow\n# remark\nall :: deny Only some\n";
        let decide = |perms: &[&str]| {
            let perms: Vec<String> = perms.iter().map(|perm| (*perm).to_owned()).collect();
            decide("p", rules, &perms).unwrap().unwrap()
        };
        assert_eq!(decide(&["tag"]), "allow");
        assert_eq!(decide(&["sign"]), "deny Only some");
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        assert!(decide("p", "match tag x :: allow", &[]).unwrap_err().message.contains("match tag x"));
        assert!(decide("p", "all :: {", &[]).is_err());
        assert_eq!(decide("p", "none :: allow", &[]).unwrap(), None);
    }
}
