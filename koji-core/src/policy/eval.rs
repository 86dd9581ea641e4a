//! Applies rules. The first rule that holds decides; a block in which none holds is passed over.

use std::collections::BTreeMap;

use super::data::Data;
use super::facts::Facts;
use super::parse::{Rule, RuleSet, Then};
use super::tests::Registry;
use super::trace::{Step, Trace};
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
        self.run(name, data, facts, None)
    }

    /// The same, and tells each rule that was looked at, also when a test fails with an error.
    pub fn traced(
        &self,
        name: &str,
        data: &Data,
        facts: &mut dyn Facts,
        trace: &mut Trace,
    ) -> Result<Verdict> {
        self.run(name, data, facts, Some(trace))
    }

    fn run(
        &self,
        name: &str,
        data: &Data,
        facts: &mut dyn Facts,
        trace: Option<&mut Trace>,
    ) -> Result<Verdict> {
        let rules = self.find(name).ok_or_else(|| no_policy(name))?;
        let (running, flags) = (Vec::new(), Vec::new());
        Eval { data, facts, policies: self, running, flags, trace, depth: 0 }.apply(rules)
    }
}

fn no_policy(name: &str) -> Error {
    Error::generic(format!("no such policy: {name}"))
}

impl FromIterator<RuleSet> for Policies {
    fn from_iter<T: IntoIterator<Item = RuleSet>>(sets: T) -> Self {
        Self(sets.into_iter().map(|rules| (rules.name.clone(), rules)).collect())
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
    /// The tests that apply a policy right now.
    running: Vec<usize>,
    /// The flags that rules have set.
    flags: Vec<&'a str>,
    trace: Option<&'a mut Trace>,
    depth: usize,
}

/// How a list of rules ends.
enum End<'r> {
    Action(&'r str),
    /// No rule decided.
    Through,
    /// This many levels further out are to be left as well.
    Break(u64),
    Stop,
}

impl End<'_> {
    /// Leaves one level of so many.
    fn leaving(levels: u64) -> Self {
        if levels > 1 { Self::Break(levels - 1) } else { Self::Through }
    }
}

impl<'a> Eval<'a> {
    /// Applies another policy to the same request, for a test that has this number. A test that comes back to itself is
    /// an error. Flags are seen by the other policy, but those that it sets are its own.
    pub fn nested(&mut self, test: usize, name: &str) -> Result<Verdict> {
        if self.running.contains(&test) {
            return Err(Error::generic(format!("encountered policy loop at policy {name}")));
        }
        let rules = self.policies.find(name).ok_or_else(|| no_policy(name))?;
        let flags = self.flags.len();
        self.running.push(test);
        let verdict = self.apply(rules);
        self.running.pop();
        self.flags.truncate(flags);
        verdict
    }

    /// Whether a rule has set a flag, or the request came with it.
    pub fn is_flagged(&self, name: &str) -> bool {
        let given = || self.data.get(&format!("__policyflag__{name}")).is_some_and(|value| value.is_true());
        self.flags.contains(&name) || given()
    }

    fn apply(&mut self, rules: &'a RuleSet) -> Result<Verdict> {
        let mut path = Vec::new();
        let End::Action(action) = self.walk(&rules.name, &rules.rules, &mut path)? else {
            return Ok(Verdict { action: None, rule: "(no match)".into() });
        };
        let rules: Vec<String> = path
            .iter()
            .map(|rule| format!("{}{}", rule.text, if rule.negate { "!! " } else { ":: " }))
            .collect();
        Ok(Verdict { action: Some(action.into()), rule: format!("{}{action}", rules.join("... ")) })
    }

    fn walk(&mut self, policy: &str, rules: &'a [Rule], path: &mut Vec<&'a Rule>) -> Result<End<'a>> {
        for rule in rules {
            if !self.holds(policy, rule)? {
                continue;
            }
            path.push(rule);
            match &rule.then {
                Then::Action(action) => return Ok(End::Action(action)),
                Then::Block(rules) => {
                    self.depth += 1;
                    let end = self.walk(policy, rules, path)?;
                    self.depth -= 1;
                    match end {
                        End::Through => {}
                        End::Break(levels) => return Ok(End::leaving(levels)),
                        decided => return Ok(decided),
                    }
                }
                Then::Break(levels) => return Ok(End::leaving(*levels)),
                Then::Stop => return Ok(End::Stop),
                Then::Flag(name) => self.flags.push(name),
            }
            path.pop();
        }
        Ok(End::Through)
    }

    fn holds(&mut self, policy: &str, rule: &Rule) -> Result<bool> {
        let at = self.trace.as_mut().map(|trace| trace.begin(Step::new(policy, self.depth, rule)));
        let mut all = true;
        for (number, asked) in rule.tests.iter().enumerate() {
            self.depth += 1;
            let holds = asked.test.run(self).map(|holds| holds != asked.negate);
            self.depth -= 1;
            if let (Some(trace), Some(at)) = (self.trace.as_mut(), at) {
                trace.asked(at, number, &holds);
            }
            all = holds?;
            if !all {
                break;
            }
        }
        let holds = all != rule.negate;
        if let (Some(trace), Some(at)) = (self.trace.as_mut(), at) {
            trace.end(at, holds);
        }
        Ok(holds)
    }
}
