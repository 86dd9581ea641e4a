//! What is wrong with policies before anybody asks them: mistakes, and rules that can never decide.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::known::{self, Actions, KNOWN};
use super::parse::{Asked, Rule, RuleSet, Then};
use super::tests::Registry;
use super::ways::Ways;
use crate::nearest;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The rule does what nobody can have meant
    Warning,
    /// The hub does not start with it, or the rule ends in an error
    Error,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The policy
    pub policy: String,
    /// The line within the policy, from 1
    pub line: usize,
    /// How bad it is
    pub severity: Severity,
    /// What is wrong
    pub message: String,
    /// What to do about it
    pub remedy: String,
}

/// Looks through policies; the findings are in the order of policies and lines.
pub fn check(texts: &BTreeMap<String, String>, registry: &Registry) -> Vec<Finding> {
    let mut lint = Lint { findings: Vec::new(), policy: "" };
    let mut sets = BTreeMap::new();
    for (name, text) in texts {
        let (rules, mistakes) = RuleSet::read(name, text, registry);
        lint.policy = name;
        for mistake in mistakes {
            lint.find(Severity::Error, mistake.line, mistake.message, mistake.remedy);
        }
        sets.insert(name.as_str(), rules);
    }
    let set = flags(&sets);
    for (name, rules) in &sets {
        lint.policy = name;
        lint.level(&rules.rules, known::actions_of(name), 1);
        each(&rules.rules, &mut |rule| lint.references(rule, &sets, &set));
    }
    lint.unasked(&sets);
    lint.loops(&sets);
    let mut findings = lint.findings;
    findings.sort_by(|a, b| (&a.policy, a.line).cmp(&(&b.policy, b.line)));
    findings
}

type Sets<'a> = BTreeMap<&'a str, RuleSet>;

/// Every rule, those in blocks included.
fn each<'r>(rules: &'r [Rule], look: &mut impl FnMut(&'r Rule)) {
    for rule in rules {
        look(rule);
        if let Then::Block(inner) = &rule.then {
            each(inner, look);
        }
    }
}

/// All flags that any rule sets.
fn flags<'s>(sets: &'s Sets<'_>) -> BTreeSet<&'s str> {
    let mut set = BTreeSet::new();
    for rules in sets.values() {
        each(&rules.rules, &mut |rule| {
            if let Then::Flag(name) = &rule.then {
                set.insert(name.as_str());
            }
        });
    }
    set
}

struct Lint<'a> {
    findings: Vec<Finding>,
    policy: &'a str,
}

/// A rule that came before, and ends what it stands in if it holds.
struct Before<'r> {
    line: usize,
    tests: BTreeSet<String>,
    negate: bool,
    rule: &'r Rule,
}

impl Lint<'_> {
    fn find(
        &mut self,
        severity: Severity,
        line: usize,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let (message, remedy) = (message.into(), remedy.into());
        self.findings.push(Finding { policy: self.policy.into(), line, severity, message, remedy });
    }

    /// Looks through the rules of one level; gives how it may end, as its block's rule does.
    fn level(&mut self, rules: &[Rule], actions: Option<Actions>, depth: u64) -> Ways {
        let (mut ended, mut all) = (None, Ways::default());
        let mut before: Vec<Before<'_>> = Vec::new();
        for rule in rules {
            let ways = self.ways(rule, actions, depth);
            if let Some(line) = ended {
                let message = format!("never reached: line {line} decides before it");
                self.find(Severity::Warning, rule.line, message, "move it up, or take it away");
                continue;
            }
            let (tests, holds) = (written(rule), certainly(rule));
            if holds == Some(false) {
                self.find(Severity::Warning, rule.line, "never holds", "mend its tests, or take it away");
                continue;
            }
            if let Some(first) = before.iter().find(|first| first.takes_all_of(rule, &tests)) {
                let message =
                    format!("never decides: whatever it is for, line {} decides before it", first.line);
                self.find(Severity::Warning, rule.line, message, "move it up, or take it away");
            }
            all.add_outer(&ways);
            if ways.through {
                continue;
            }
            let completes = || before.iter().any(|first| first.negate != rule.negate && first.tests == tests);
            if holds == Some(true) || completes() {
                ended = Some(rule.line);
            }
            if is_steady(rule) {
                before.push(Before { line: rule.line, tests, negate: rule.negate, rule });
            }
        }
        all.through |= ended.is_none();
        all
    }

    /// How a rule that holds may end.
    fn ways(&mut self, rule: &Rule, actions: Option<Actions>, depth: u64) -> Ways {
        match &rule.then {
            Then::Action(action) => {
                if let Some(objection) = actions.and_then(|actions| actions.objection(action)) {
                    let message = format!("the action {action:?} is none of policy {}", self.policy);
                    self.find(Severity::Error, rule.line, message, objection);
                }
                Ways::leaving(Ways::ALL)
            }
            Then::Stop => Ways::leaving(Ways::ALL),
            Then::Break(levels) => {
                if *levels > depth {
                    let message = format!("break {levels} leaves more levels than the {depth} it stands in");
                    self.find(Severity::Warning, rule.line, message, "write 'stop' to end the policy");
                }
                Ways::leaving(*levels)
            }
            Then::Flag(_) => Ways { through: true, ..Ways::default() },
            Then::Block(inner) => self.level(inner, actions, depth + 1),
        }
    }

    /// Policies and flags that the tests of a rule name must be there.
    fn references(&mut self, rule: &Rule, sets: &Sets<'_>, flags: &BTreeSet<&str>) {
        for asked in &rule.tests {
            if let Some(name) = asked.test.names().filter(|name| !sets.contains_key(name)) {
                let remedy = nearest::hint(name, sets.keys().copied(), "write the policy");
                self.find(Severity::Error, rule.line, format!("no such policy: {name}"), remedy);
            }
            if let ("flagged", Some(flag)) = (word(asked, 0).unwrap_or_default(), word(asked, 1))
                && !flags.contains(flag)
            {
                let remedy = nearest::hint(flag, flags.iter().copied(), "set it with the action 'flag'");
                self.find(Severity::Warning, rule.line, format!("no rule sets the flag {flag}"), remedy);
            }
        }
    }

    /// A policy that nothing asks and whose name is nearly that of one that is asked.
    fn unasked(&mut self, sets: &Sets<'_>) {
        let mut asked = BTreeSet::new();
        for rules in sets.values() {
            each(&rules.rules, &mut |rule| {
                asked.extend(rule.tests.iter().filter_map(|asked| asked.test.names()))
            });
        }
        for name in sets.keys().filter(|name| known::actions_of(name).is_none() && !asked.contains(*name)) {
            if let Some(meant) = nearest::find(name, KNOWN.iter().map(|(known, _)| *known)) {
                let message = "nothing asks a policy of this name";
                self.findings.push(Finding {
                    policy: (*name).into(),
                    line: 1,
                    severity: Severity::Warning,
                    message: message.into(),
                    remedy: format!("did you mean {meant}?"),
                });
            }
        }
    }

    /// Policies that come back to themselves.
    fn loops(&mut self, sets: &Sets<'_>) {
        for (name, rules) in sets {
            let mut found: Vec<(usize, &str)> = Vec::new();
            each(&rules.rules, &mut |rule| {
                let names = rule.tests.iter().filter_map(|asked| asked.test.names());
                found.extend(names.map(|asked| (rule.line, asked)));
            });
            for (line, asked) in found {
                if reaches(asked, name, sets) {
                    let message = format!("policy {asked} comes back to {name}: a loop is an error");
                    let remedy = "let only one of them ask the other".into();
                    let (policy, severity) = ((*name).into(), Severity::Warning);
                    self.findings.push(Finding { policy, line, severity, message, remedy });
                }
            }
        }
    }
}

impl Before<'_> {
    /// Whether this rule holds wherever another one does.
    fn takes_all_of(&self, rule: &Rule, tests: &BTreeSet<String>) -> bool {
        debug_assert!(self.rule.line < rule.line, "it comes first");
        match (self.negate, rule.negate) {
            (false, false) => self.tests.is_subset(tests),
            (true, true) => tests.is_subset(&self.tests),
            _ => false,
        }
    }
}

/// Whether a policy asks another, itself or through others.
fn reaches(from: &str, to: &str, sets: &Sets<'_>) -> bool {
    let (mut seen, mut todo) = (BTreeSet::new(), vec![from]);
    while let Some(name) = todo.pop() {
        if name == to {
            return true;
        }
        if let (true, Some(rules)) = (seen.insert(name), sets.get(name)) {
            each(&rules.rules, &mut |rule| {
                todo.extend(rule.tests.iter().filter_map(|asked| asked.test.names()))
            });
        }
    }
    false
}

fn word(asked: &Asked, at: usize) -> Option<&str> {
    asked.text.split_whitespace().nth(at)
}

/// The tests of a rule in one way of writing.
fn written(rule: &Rule) -> BTreeSet<String> {
    let plain = |asked: &Asked| {
        let text = asked.text.split_whitespace().collect::<Vec<_>>().join(" ");
        if asked.negate { format!("! {text}") } else { text }
    };
    rule.tests.iter().map(plain).collect()
}

/// Whether a rule holds, where that is certain.
fn certainly(rule: &Rule) -> Option<bool> {
    let of = |asked: &Asked| match word(asked, 0) {
        Some("all" | "true") => Some(!asked.negate),
        Some("none" | "false") => Some(asked.negate),
        _ => None,
    };
    let tests: Vec<Option<bool>> = rule.tests.iter().map(of).collect();
    if tests.contains(&Some(false)) {
        return Some(rule.negate);
    }
    (!tests.is_empty() && tests.iter().all(Option::is_some)).then_some(!rule.negate)
}

/// Whether the tests of a rule say the same whenever they are asked: flags change.
fn is_steady(rule: &Rule) -> bool {
    !rule.tests.is_empty()
        && !rule.tests.iter().any(|asked| matches!(word(asked, 0), Some("flagged" | "policy")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(texts: &[(&str, &str)]) -> Vec<String> {
        let texts = texts.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect();
        check(&texts, &Registry::builtin())
            .into_iter()
            .map(|found| {
                format!(
                    "{}:{} {:?} {} ({})",
                    found.policy, found.line, found.severity, found.message, found.remedy
                )
            })
            .collect()
    }

    /// A policy and, by line, what is found; nothing else may be.
    #[test]
    fn what_is_found() {
        let cases: &[(&str, &[(usize, &str)])] = &[
            ("has_perm admin :: allow\nall :: deny no", &[]),
            (
                "has_prem admin :: allow\nall ::\nmoon :: allow",
                &[
                    (1, "missing test handler: has_prem (did you mean has_perm?)"),
                    (2, "action is missing"),
                    (3, "missing test handler: moon (there is no such test"),
                ],
            ),
            ("all :: alow", &[(1, "\"alow\" is none of policy tag (the action must be allow or deny")]),
            ("all :: allow\nuser x :: deny", &[(2, "never reached: line 1 decides")]),
            ("none !! allow\nuser x :: deny", &[(2, "never reached")]),
            (
                "none :: allow\nall !! deny\n! all && user x :: deny",
                &[(1, "never holds"), (2, "never holds"), (3, "never holds")],
            ),
            (
                "tag a :: allow\ntag  a && user x :: deny\ntag b :: deny",
                &[(2, "never decides: whatever it is for, line 1")],
            ),
            ("tag a && user x :: allow\ntag a :: deny", &[]),
            ("tag a :: flag f\ntag a :: deny\nflagged f :: deny", &[]),
            ("tag a :: allow\ntag a !! deny\nuser x :: deny", &[(3, "never reached: line 2")]),
            (
                "all :: {\n user x :: allow\n all :: break\n tag a :: deny\n}\nall :: deny",
                &[(4, "never reached: line 3")],
            ),
            ("all :: {\n all :: break 2\n}\nall :: deny", &[(4, "never reached: line 1")]),
            ("none !! {\n has a :: break\n none !! allow\n}\nhas a :: deny", &[]),
            ("user x :: break 2\nall :: deny", &[(1, "leaves more levels than the 1")]),
            ("all :: {\n all :: stop\n}\ntag a :: deny", &[(4, "never reached")]),
            (
                "flagged fo :: allow\nuser x :: flag foo\nall :: deny",
                &[(1, "no rule sets the flag fo (did you mean foo?)")],
            ),
            ("policy inner :: allow", &[(1, "no such policy: inner (write the policy)")]),
            ("!has_perm x :: allow", &[(1, "put a space behind the !")]),
            ("mooon x :: {\n stars :: allow\n}", &[(1, "mooon"), (2, "stars")]),
        ];
        for (text, want) in cases {
            let found = findings(&[("tag", text)]);
            assert_eq!(found.len(), want.len(), "{text}\n{found:#?}");
            for ((line, message), found) in want.iter().zip(&found) {
                assert!(
                    found.starts_with(&format!("tag:{line} ")) && found.contains(message),
                    "{text}\n{found}"
                );
            }
        }
    }

    #[test]
    fn policies_among_each_other() {
        let found =
            findings(&[("a", "policy b :: yes"), ("b", "policy a :: yes"), ("packge_list", "all :: deny")]);
        assert!(found[0].contains("a:1 Warning policy b comes back to a"), "{found:?}");
        assert!(found[2].contains("did you mean package_list?"), "{found:?}");
        assert_eq!(found.len(), 3);
        let actions = findings(&[
            ("channel", "user a :: use\nuser b :: use x\nall :: default"),
            ("priority", "user a :: set high\nall :: adjust -3"),
            ("volume", "user a :: DEFAULT now\nall :: v2"),
            ("own", "all :: whatever it is"),
        ]);
        let at: Vec<&str> = actions.iter().filter_map(|found| found.split(' ').next()).collect();
        assert_eq!(at, ["channel:1", "priority:1", "volume:1"]);
    }
}
