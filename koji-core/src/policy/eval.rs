//! Applies rules. The first rule that holds decides; a block in which none holds is passed over.

use std::collections::BTreeMap;

use super::data::Data;
use super::facts::Facts;
use super::parse::{Rule, RuleSet, Then};
use super::tests::Registry;
use crate::{Error, Result};

/// All policies of a hub by name.
#[derive(Default)]
pub struct Policies(BTreeMap<String, RuleSet>);

impl Policies {
    /// Reads the policies' texts.
    pub fn parse(texts: &BTreeMap<String, String>, registry: &Registry) -> Result<Self> {
        let parse = |(name, text): (&String, &String)| {
            RuleSet::parse(name, text, registry).map(|rules| (name.clone(), rules))
        };
        texts.iter().map(parse).collect::<Result<_>>().map(Self)
    }

    /// A policy.
    pub fn find(&self, name: &str) -> Option<&RuleSet> {
        self.0.get(name)
    }

    /// Applies a policy; one that is missing is an error.
    pub fn eval(&self, name: &str, data: &Data, facts: &mut dyn Facts) -> Result<Verdict> {
        let rules = self.find(name).ok_or_else(|| Error::generic(format!("no such policy: {name}")))?;
        Eval { data, facts, policies: self, running: Vec::new() }.apply(rules)
    }
}

/// What a policy gives, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The action as written; none if no rule holds.
    pub action: Option<String>,
    /// The rule that decided, with the rules around it.
    pub rule: String,
}

/// One application of a policy: what its tests work with.
pub struct Eval<'a> {
    /// What the request says.
    pub data: &'a Data,
    /// Who answers the rest.
    pub facts: &'a mut dyn Facts,
    policies: &'a Policies,
    running: Vec<&'a str>,
}

impl<'a> Eval<'a> {
    /// Applies another policy to the same request. A policy that comes back to itself is an error.
    pub fn nested(&mut self, name: &str) -> Result<Verdict> {
        let rules =
            self.policies.find(name).ok_or_else(|| Error::generic(format!("no such policy: {name}")))?;
        self.apply(rules)
    }

    fn apply(&mut self, rules: &'a RuleSet) -> Result<Verdict> {
        if self.running.contains(&rules.name.as_str()) {
            return Err(Error::generic(format!("encountered policy loop at policy {}", rules.name)));
        }
        self.running.push(&rules.name);
        let mut path = Vec::new();
        let action = self.walk(&rules.rules, &mut path);
        self.running.pop();
        let action = action?;
        let rules: Vec<String> = path
            .iter()
            .map(|rule| format!("{}{}", rule.text, if rule.negate { "!! " } else { ":: " }))
            .collect();
        let rule = format!("{}{}", rules.join("... "), action.unwrap_or("(no match)"));
        Ok(Verdict { action: action.map(Into::into), rule })
    }

    fn walk<'r>(&mut self, rules: &'r [Rule], path: &mut Vec<&'r Rule>) -> Result<Option<&'r str>> {
        for rule in rules {
            if self.holds(rule)? == rule.negate {
                continue;
            }
            path.push(rule);
            match &rule.then {
                Then::Action(action) => return Ok(Some(action)),
                Then::Block(rules) => {
                    if let Some(action) = self.walk(rules, path)? {
                        return Ok(Some(action));
                    }
                }
            }
            path.pop();
        }
        Ok(None)
    }

    fn holds(&mut self, rule: &Rule) -> Result<bool> {
        for test in &rule.tests {
            if !test.run(self)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
