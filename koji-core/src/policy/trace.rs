//! How a policy came to its verdict: the rules that were looked at, and what each of their tests said.

use std::cell::RefCell;
use std::rc::Rc;

use serde::Serialize;

use super::parse::{Rule, Then};
use crate::Result;

/// What tests were told, in words.
pub type Notes = Rc<RefCell<Vec<String>>>;

/// The rules that were looked at, in this order.
#[derive(Debug, Default)]
pub struct Trace {
    /// The rules
    pub steps: Vec<Step>,
    notes: Notes,
}

/// A rule that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The policy that the rule is of
    pub policy: String,
    /// How many rules and tests it stands under
    pub depth: usize,
    /// The line within the policy, from 1
    pub line: usize,
    /// Its tests
    pub tests: Vec<TestStep>,
    /// Whether the rule holds when its tests do not
    pub negated: bool,
    /// Whether it holds; none if a test failed with an error
    pub holds: Option<bool>,
    /// What it does if it holds
    pub then: String,
}

/// A test of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TestStep {
    /// As written
    pub test: String,
    /// What it said, a `!` included; none if it was not asked
    pub holds: Option<bool>,
    /// The error that it failed with
    pub error: Option<String>,
    /// What it learned, in words
    pub learned: Vec<String>,
}

impl Step {
    pub(super) fn new(policy: &str, depth: usize, rule: &Rule) -> Self {
        let test = |asked: &super::parse::Asked| TestStep {
            test: if asked.negate { format!("! {}", asked.text) } else { asked.text.clone() },
            holds: None,
            error: None,
            learned: Vec::new(),
        };
        Self {
            policy: policy.into(),
            depth,
            line: rule.line,
            tests: rule.tests.iter().map(test).collect(),
            negated: rule.negate,
            holds: None,
            then: written(&rule.then),
        }
    }
}

fn written(then: &Then) -> String {
    match then {
        Then::Action(action) => action.clone(),
        Then::Block(_) => "{".into(),
        Then::Break(levels) => format!("break {levels}"),
        Then::Stop => "stop".into(),
        Then::Flag(name) => format!("flag {name}"),
    }
}

impl Trace {
    /// Where whoever answers the tests may note what it told them.
    pub fn notes(&self) -> Notes {
        self.notes.clone()
    }

    pub(super) fn begin(&mut self, step: Step) -> usize {
        self.steps.push(step);
        self.steps.len() - 1
    }

    pub(super) fn asked(&mut self, at: usize, number: usize, holds: &Result<bool>) {
        let learned = self.notes.take();
        let Some(test) = self.steps.get_mut(at).and_then(|step| step.tests.get_mut(number)) else { return };
        match holds {
            Ok(holds) => test.holds = Some(*holds),
            Err(error) => test.error = Some(error.message.clone()),
        }
        test.learned = learned;
    }

    pub(super) fn end(&mut self, at: usize, holds: bool) {
        if let Some(step) = self.steps.get_mut(at) {
            step.holds = Some(holds);
        }
    }
}
