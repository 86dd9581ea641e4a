//! The built-in tests, and the registry that plugins add theirs to.

mod build;
mod buildtag;
mod cg;
mod field;
mod package;
mod policy;
mod tag;
mod user;
#[cfg(test)]
mod world;

use std::collections::HashMap;

use super::eval::Eval;
use crate::{Error, Result};

/// A test in a rule, with its arguments.
pub trait Test: Send + Sync {
    /// Whether it holds for a request.
    fn run(&self, eval: &mut Eval<'_>) -> Result<bool>;
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
        registry
    }

    /// Adds a test, for all policies or for some. The one added last wins, so plugins may replace a built-in.
    pub fn add(&mut self, name: &str, policies: Vec<String>, make: Make) {
        self.entries.entry(name.into()).or_default().push(Entry { make, policies });
    }

    pub(super) fn test(&self, policy: &str, text: &str) -> Result<Box<dyn Test>> {
        let mut words = text.split_whitespace().map(String::from);
        let name = words.next().ok_or_else(|| Error::generic("a test is missing"))?;
        let fits =
            |entry: &&Entry| entry.policies.is_empty() || entry.policies.iter().any(|known| known == policy);
        let entry = self.entries.get(&name).and_then(|entries| entries.iter().rev().find(fits));
        let entry = entry.ok_or_else(|| Error::generic(format!("missing test handler: {name}")))?;
        (entry.make)(words.collect())
            .map_err(|error| Error::generic(format!("test {name}: {}", error.message)))
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
    ("is_build_owner", build::is_owner),
    ("source", build::source),
    ("user", user::user),
    ("user_in_group", user::in_group),
    ("has_perm", user::has_perm),
];

#[cfg(test)]
mod cases;
