//! Random policies against a naive reading of the language, which keeps the whole text and no tree.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::Registry;
use super::world::World;
use crate::policy::lint::{self, Severity};
use crate::policy::{Data, Policies};
use crate::wire::Value;

/// A rule as it is written: tests on single letters, an end.
fn rule() -> impl Strategy<Value = String> {
    let test = prop_oneof![
        (any::<bool>(), "[abc]")
            .prop_map(|(negate, field)| format!("{}has {field}", if negate { "! " } else { "" })),
        (any::<bool>(), "[fg]")
            .prop_map(|(negate, flag)| format!("{}flagged {flag}", if negate { "! " } else { "" })),
        Just("all".to_owned()),
        Just("none".to_owned()),
    ];
    let tests = prop::collection::vec(test, 1..3).prop_map(|tests| tests.join(" && "));
    let action = prop_oneof!["[xyz]", Just("stop".into()), "break [123]", "flag [fg]", Just("break".into())];
    (tests, any::<bool>(), action)
        .prop_map(|(tests, negate, action)| format!("{tests} {} {action}", if negate { "!!" } else { "::" }))
}

/// Rules and blocks of them, a line each.
fn policy() -> impl Strategy<Value = Vec<String>> {
    let level = prop::collection::vec(rule(), 0..4);
    level.prop_recursive(3, 24, 4, |inner| {
        prop::collection::vec(
            prop_oneof![rule().prop_map(|rule| vec![rule]), (rule(), inner).prop_map(block)],
            0..4,
        )
        .prop_map(|parts| parts.concat())
    })
}

fn block((head, inner): (String, Vec<String>)) -> Vec<String> {
    let end = if head.contains(" :: ") { " :: " } else { " !! " };
    let tests = head.split(end).next().unwrap_or_default();
    [vec![format!("{tests}{end}{{")], inner, vec!["}".into()]].concat()
}

/// What the lines say, and the lines that were looked at.
fn naive(lines: &[String], fields: &BTreeSet<char>) -> (Option<String>, BTreeSet<usize>) {
    let (mut at, mut depth, mut flags) = (0, 0_usize, BTreeSet::new());
    let mut seen = BTreeSet::new();
    // Behind the end of the block that the line `at` stands in; behind everything, if in none.
    let out_of = |at: usize| {
        let mut open = 1;
        (at..lines.len())
            .find(|line| {
                open += usize::from(lines[*line].ends_with('{'));
                open -= usize::from(lines[*line] == "}");
                open == 0
            })
            .map_or(lines.len(), |line| line + 1)
    };
    while let Some(line) = lines.get(at) {
        at += 1;
        if line == "}" {
            depth -= 1;
            continue;
        }
        seen.insert(at);
        let negate = !line.contains(" :: ");
        let (tests, action) = line.split_once(if negate { " !! " } else { " :: " }).unwrap();
        let holds = tests.split(" && ").all(|test| {
            let (want, test) = test.strip_prefix("! ").map_or((true, test), |test| (false, test));
            let last = test.chars().last().unwrap();
            let said = match test.split(' ').next().unwrap() {
                "has" => fields.contains(&last),
                "flagged" => flags.contains(&last),
                word => word == "all",
            };
            said == want
        });
        match (holds != negate, action.split_once(' ').unwrap_or((action, "1"))) {
            (true, ("{", _)) => depth += 1,
            (false, ("{", _)) => at = out_of(at),
            (false, _) => {}
            (true, ("stop", _)) => return (None, seen),
            (true, ("flag", name)) => drop(flags.insert(name.chars().next().unwrap())),
            (true, ("break", levels)) => {
                for _ in 0..levels.parse::<usize>().unwrap() {
                    if depth == 0 {
                        return (None, seen);
                    }
                    at = out_of(at);
                    depth -= 1;
                }
            }
            (true, (action, _)) => return (Some(action.into()), seen),
        }
    }
    (None, seen)
}

fn subsets() -> impl Iterator<Item = BTreeSet<char>> {
    (0..8)
        .map(|bits| "abc".chars().enumerate().filter(|(at, _)| bits >> at & 1 == 1).map(|(_, c)| c).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reads_like_the_naive_one(lines in policy()) {
        let texts = BTreeMap::from([("p".to_owned(), lines.join("\n"))]);
        let policies = Policies::parse(&texts, &Registry::builtin()).unwrap();
        let mut reached = BTreeSet::new();
        let mut decided = BTreeSet::new();
        for fields in subsets() {
            let data = fields.iter().fold(Data::default(), |data, c| data.with(&c.to_string(), Value::Nil));
            let (want, seen) = naive(&lines, &fields);
            let found = policies.explain("p", &data, &mut World::default()).unwrap();
            prop_assert_eq!(&found.action, &want, "{:?}\n{}", fields, texts["p"]);
            prop_assert_eq!(&policies.eval("p", &data, &mut World::default()).unwrap().action, &want);
            let looked: BTreeSet<usize> = found.steps.iter().map(|step| step.line).collect();
            prop_assert_eq!(&looked, &seen);
            reached.extend(seen);
            decided.extend(found.steps.iter().filter(|step| step.holds == Some(true)).map(|step| step.line));
        }
        // what is called unreachable is never looked at, and what never decides never holds
        for finding in lint::check(&texts, &Registry::builtin()) {
            prop_assert_eq!(finding.severity, Severity::Warning);
            let line = finding.line;
            if finding.message.starts_with("never reached") {
                prop_assert!(!reached.contains(&line), "{finding:?}\n{}", texts["p"]);
            } else if finding.message.starts_with("never") {
                prop_assert!(!decided.contains(&line), "{finding:?}\n{}", texts["p"]);
            }
        }
    }
}
