//! The built-in tests, and the registry that plugins add theirs to.

mod build;
mod buildtag;
mod cg;
mod field;
mod flag;
mod package;
mod policy;
mod tag;
pub(super) mod user;
#[cfg(test)]
pub(super) mod world;

use std::collections::HashMap;

use super::eval::Eval;
use super::parse::{Wrong, wrong};
use crate::{Result, nearest};

/// A test in a rule, with its arguments.
pub trait Test: Send + Sync {
    /// Whether it holds for a request.
    fn run(&self, eval: &mut Eval<'_>) -> Result<bool>;

    /// The policy that it applies, if it does.
    fn names(&self) -> Option<&str> {
        None
    }
}

/// Makes a test from its arguments, or says what is wrong with them.
pub type Make = Box<dyn Fn(Vec<String>) -> Result<Box<dyn Test>> + Send + Sync>;

/// A test that is a function of its arguments.
struct Simple {
    args: Vec<String>,
    run: fn(&[String], &mut Eval<'_>) -> Result<bool>,
}

impl Test for Simple {
    fn run(&self, eval: &mut Eval<'_>) -> Result<bool> {
        (self.run)(&self.args, eval)
    }
}

struct Entry {
    make: Make,
    /// The policies that may use it; empty is all.
    policies: Vec<String>,
}

/// The tests that there are, by name.
pub struct Registry {
    entries: HashMap<String, Vec<Entry>>,
}

impl Registry {
    /// The built-in tests.
    pub fn builtin() -> Self {
        let mut registry = Self { entries: HashMap::new() };
        field::register(&mut registry);
        for (name, run) in SIMPLE {
            registry.add(name, Vec::new(), Box::new(|args| Ok(Box::new(Simple { args, run: *run }))));
        }
        registry.add("policy", Vec::new(), Box::new(policy::make));
        registry.add("flagged", Vec::new(), Box::new(flag::make));
        registry
    }

    /// Adds a test, for all policies or for some. The one added last wins, so plugins may replace a built-in.
    pub fn add(&mut self, name: &str, policies: Vec<String>, make: Make) {
        self.entries.entry(name.into()).or_default().push(Entry { make, policies });
    }

    pub(super) fn test(&self, policy: &str, text: &str) -> Result<Box<dyn Test>, Wrong> {
        let mut words = text.split_whitespace().map(String::from);
        let Some(name) = words.next() else {
            return wrong("a test is missing", "take the && or ! away, or write a test such as 'all'");
        };
        let fits =
            |entry: &&Entry| entry.policies.is_empty() || entry.policies.iter().any(|known| known == policy);
        let Some(entry) = self.entries.get(&name).and_then(|entries| entries.iter().rev().find(fits)) else {
            return wrong(format!("missing test handler: {name}"), self.remedy(policy, &name));
        };
        (entry.make)(words.collect()).or_else(|error| {
            wrong(format!("test {name}: {}", error.message), "see the description of the test")
        })
    }

    fn remedy(&self, policy: &str, name: &str) -> String {
        if let Some(test) = name.strip_prefix('!').filter(|test| self.entries.contains_key(*test)) {
            return format!("put a space behind the !: '! {test}'");
        }
        if let Some(entry) = self.entries.get(name).and_then(|entries| entries.first()) {
            return format!("policy {policy} cannot use this test, only {} can", entry.policies.join(", "));
        }
        let known = self.entries.keys().map(String::as_str);
        nearest::hint(name, known, "there is no such test, unless a plugin brings it")
    }
}

type Run = fn(&[String], &mut Eval<'_>) -> Result<bool>;

static SIMPLE: &[(&str, Run)] = &[
    ("true", |_, _| Ok(true)),
    ("all", |_, _| Ok(true)),
    ("false", |_, _| Ok(false)),
    ("none", |_, _| Ok(false)),
    ("package", package::package),
    ("is_new_package", package::is_new),
    ("version", package::version),
    ("release", package::release),
    ("volume", package::volume),
    ("tag", tag::tag),
    ("fromtag", tag::from_tag),
    ("hastag", tag::has_tag),
    ("buildtag", buildtag::build_tag),
    ("buildtag_inherits_from", buildtag::inherits_from),
    ("cg_match_any", cg::match_any),
    ("cg_match_all", cg::match_all),
    ("buildtype", build::build_type),
    ("imported", build::imported),
    ("is_draft", build::is_draft),
    ("draft_superseded", build::is_superseded),
    ("is_build_owner", build::is_owner),
    ("source", build::source),
    ("user", user::user),
    ("user_in_group", user::in_group),
    ("has_perm", user::has_perm),
];

#[cfg(test)]
mod cases;
#[cfg(test)]
mod random;
