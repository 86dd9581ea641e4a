//! External repositories: package sources outside of Koji, and the tags that use them.
//!
//! The name is changed in place; the URL and the links to tags have a history.

pub mod data;
pub mod edit;
pub mod get;
pub mod link;
pub mod link_edit;
pub mod watch;
