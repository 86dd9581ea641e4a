//! Tagging and untagging: the checks, the tasks that builders carry out, and the listing itself.
//!
//! `tagBuild` checks and makes a task, `host.tagBuild` checks again and tags; the others do it at once. A build is
//! only ever tagged when it is complete, whatever is forced.

pub mod check;
pub mod direct;
pub mod listing;
pub mod request;
