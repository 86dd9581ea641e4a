//! What is tagged: builds, rpms and archives that a tag shows, by inheritance or not.
//!
//! Every listing takes a fixed number of statements, however many tags and builds there are. Rows are loaded
//! for all tags at once; which of them show, and which are the latest, is decided by the rules of
//! [`listing`](super::listing) in one walk over the tags, nearest first.

pub mod archives;
pub mod builds;
mod load;
pub mod maven;
pub mod rpms;

pub use builds::{TaggedBuild, Wanted, builds};
