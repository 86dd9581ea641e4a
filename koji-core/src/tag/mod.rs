//! Tags: what they inherit and what that makes of their packages and builds.

pub mod access;
pub mod ancestors;
pub mod groups;
pub mod inheritance;
pub mod listing;
pub mod updates;
