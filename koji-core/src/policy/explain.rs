//! How a verdict came about: each rule that was looked at, and what its tests learned.

use serde::Serialize;

use super::data::Data;
use super::eval::Policies;
use super::facts::Facts;
use super::trace::{Step, Trace};
use super::witness::Witness;
use crate::Result;

/// A verdict and the way there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The policy
    pub policy: String,
    /// The action as written; none if no rule holds, or a test failed
    pub action: Option<String>,
    /// The rule that decided, with the rules around it
    pub rule: String,
    /// The error that ended it
    pub error: Option<String>,
    /// The rules that were looked at, in this order
    pub steps: Vec<Step>,
}

impl Explanation {
    /// The rule that decided, if one did.
    pub fn decided(&self) -> Option<&Step> {
        let action = self.action.as_ref()?;
        let is_it =
            |step: &&Step| step.policy == self.policy && step.holds == Some(true) && step.then == *action;
        self.steps.iter().rev().find(is_it)
    }
}

impl Policies {
    /// Applies a policy and tells how it came to its verdict. That there is no such policy is an error; that a test
    /// fails is part of the explanation.
    pub fn explain(&self, name: &str, data: &Data, facts: &mut dyn Facts) -> Result<Explanation> {
        let mut trace = Trace::default();
        let mut witness = Witness { facts, notes: trace.notes() };
        let verdict = self.traced(name, data, &mut witness, &mut trace);
        let (action, rule, error) = match verdict {
            Ok(verdict) => (verdict.action, verdict.rule, None),
            Err(error) if trace.steps.is_empty() => return Err(error),
            Err(error) => (None, String::new(), Some(error.message)),
        };
        Ok(Explanation { policy: name.into(), action, rule, error, steps: trace.steps })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::Registry;
    use super::super::tests::world::World;
    use super::*;
    use crate::wire::Value;

    fn explained(texts: &[(&str, &str)], data: &Data) -> Explanation {
        let texts = texts.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect();
        let mut world = World { caller: Some(1), ..World::default() };
        Policies::parse(&texts, &Registry::builtin()).unwrap().explain("p", data, &mut world).unwrap()
    }

    #[test]
    fn tells_each_rule_and_what_was_learned() {
        let text = "has_perm admin :: allow\nall :: {\n  ! flagged f && policy q :: flag f\n  flagged f :: deny it\n}\nall :: allow";
        let found = explained(&[("p", text), ("q", "user al* :: yes")], &Data::default());
        assert_eq!(found.action.as_deref(), Some("deny it"));
        assert_eq!(found.decided().unwrap().line, 4);
        let lines: Vec<_> =
            found.steps.iter().map(|step| (step.policy.as_str(), step.line, step.depth)).collect();
        assert_eq!(lines, [("p", 1, 0), ("p", 2, 0), ("p", 3, 1), ("q", 1, 2), ("p", 4, 1)]);
        assert_eq!(found.steps[0].tests[0].learned, ["user: alice", "permissions of the user: tag"]);
        assert_eq!((found.steps[0].holds, found.steps[3].holds), (Some(false), Some(true)));
        assert_eq!(found.steps[2].tests[0].test, "! flagged f");
    }

    #[test]
    fn an_error_of_a_test_is_told_where_it_happened() {
        let data = Data::default().with("n", Value::from("text"));
        let found = explained(&[("p", "none :: x\ncompare n > 1 && all :: y")], &data);
        assert!(found.error.unwrap().contains("field n must be a number"));
        let last = found.steps.last().unwrap();
        assert_eq!((last.line, last.holds), (2, None));
        assert!(last.tests[0].error.is_some() && last.tests[1].holds.is_none());
    }
}
