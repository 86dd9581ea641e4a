//! Reads rules: `test args && test args :: action`, with `!!` instead of `::` to act if the tests fail, and
//! `{` as action to open a block that ends with `}` on a line by itself. `#` begins a comment.

use super::tests::{Registry, Test};
use crate::{Error, Fault, Result};

/// A policy's rules.
pub struct RuleSet {
    pub(super) name: String,
    pub(super) rules: Vec<Rule>,
}

pub(super) struct Rule {
    pub(super) tests: Vec<Box<dyn Test>>,
    /// The tests as written, for messages.
    pub(super) text: String,
    /// Whether the rule holds when its tests do not.
    pub(super) negate: bool,
    pub(super) then: Then,
}

pub(super) enum Then {
    Action(String),
    Block(Vec<Rule>),
}

impl RuleSet {
    /// Reads a policy. Errors name the policy and the line.
    pub fn parse(name: &str, text: &str, registry: &Registry) -> Result<Self> {
        let mut current: Vec<Rule> = Vec::new();
        let mut open: Vec<Open> = Vec::new();
        let wrong = |number: usize, message: &str| {
            Error::new(Fault::Configuration, format!("policy {name}, line {number}: {message}"))
        };
        for (at, line) in text.lines().enumerate() {
            let number = at + 1;
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            if line == "}" {
                let Some(Open { mut head, mut outer, .. }) = open.pop() else {
                    return Err(wrong(number, "nesting error in rule set: nothing is open here"));
                };
                head.then = Then::Block(current);
                outer.push(head);
                current = outer;
                continue;
            }
            let rule = rule(name, line, registry).map_err(|error| wrong(number, &error.message))?;
            if matches!(&rule.then, Then::Action(action) if action == "{") {
                open.push(Open { number, head: rule, outer: std::mem::take(&mut current) });
            } else {
                current.push(rule);
            }
        }
        match open.pop() {
            Some(open) => Err(wrong(open.number, "nesting error in rule set: this block is not closed")),
            None => Ok(Self { name: name.into(), rules: current }),
        }
    }

    /// The first words of all actions, each once, in the order they come.
    pub fn actions(&self) -> Vec<&str> {
        fn collect<'a>(rules: &'a [Rule], found: &mut Vec<&'a str>) {
            for rule in rules {
                match &rule.then {
                    Then::Block(rules) => collect(rules, found),
                    Then::Action(action) => {
                        let word = action.split_whitespace().next().unwrap_or_default();
                        if !found.contains(&word) {
                            found.push(word);
                        }
                    }
                }
            }
        }
        let mut found = Vec::new();
        collect(&self.rules, &mut found);
        found
    }
}

/// A block that is being read: its line and head, and what stands before it.
struct Open {
    number: usize,
    head: Rule,
    outer: Vec<Rule>,
}

fn rule(policy: &str, line: &str, registry: &Registry) -> Result<Rule> {
    let (position, negate) = match (line.rfind("::"), line.rfind("!!")) {
        (Some(position), _) => (position, false),
        (None, Some(position)) => (position, true),
        (None, None) => return Err(Error::generic("bad policy line: expected 'tests :: action'")),
    };
    let (text, action) = (&line[..position], line[position + 2..].trim());
    match action {
        "" => return Err(Error::generic("the action is missing")),
        "}" => return Err(Error::generic("a closing brace must stand on a line by itself")),
        _ => {}
    }
    let tests = text.split("&&").map(|test| registry.test(policy, test)).collect::<Result<_>>()?;
    Ok(Rule { tests, text: text.into(), negate, then: Then::Action(action.into()) })
}
