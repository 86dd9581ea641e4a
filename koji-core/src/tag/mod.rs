//! Tags: what they inherit and what that makes of their packages and builds.

pub mod access;
pub mod ancestors;
pub mod config;
pub mod create;
pub mod delete;
pub mod extra;
pub mod get;
pub mod inheritance;
pub mod link_changes;
pub mod links;
pub mod listing;
pub mod updates;
