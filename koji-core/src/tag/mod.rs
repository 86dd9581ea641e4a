//! Tags: what they inherit and what that makes of their packages and builds.

pub mod access;
pub mod ancestors;
pub mod change_events;
pub mod changes;
pub mod config;
pub mod create;
pub mod delete;
pub mod diff;
pub mod edit;
pub mod extra;
pub mod get;
pub mod groups;
pub mod inheritance;
pub mod link_changes;
pub mod links;
pub mod list;
pub mod listing;
pub mod snapshot;
pub mod tagged;
pub mod tagging;
pub mod updates;
