//! Build targets: a name for the pair of the tag to build with and the tag to put builds into.
//!
//! The name is changed in place; the pair has a history. A deleted target keeps its name and id.

pub mod edit;
pub mod get;
