//! Koji's policy language: rules that read what a request is about and give an action.
//!
//! [`parse`] reads rules, [`eval`] applies them, `tests` holds the built-in tests, [`lint`] finds what is wrong with
//! rules, [`explain`] tells how a verdict came about. Rules are judged over the
//! [`data::Data`] of a request; whatever else a test needs it asks of [`facts::Facts`], and only then.

mod assert;
pub mod check;
pub mod data;
pub mod eval;
pub mod explain;
pub mod facts;
pub mod glob;
mod hub_facts;
pub mod known;
pub mod lint;
mod load;
mod no_facts;
pub mod parse;
pub mod tests;
pub mod trace;
mod ways;
mod witness;

pub use assert::{access, access_or, assert, choose, explain, is_verbose};
pub use check::{Access, Rules, check};
pub use data::Data;
pub use eval::{Eval, Policies, Verdict};
pub use explain::Explanation;
pub use facts::Facts;
pub use glob::matches_any;
pub use hub_facts::HubFacts;
pub use load::load;
pub use no_facts::NoFacts;
pub use parse::RuleSet;
pub use tests::{Registry, Test};
