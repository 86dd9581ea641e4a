//! Tags: what they inherit and what that makes of their packages and builds.

pub mod inheritance;
pub mod listing;
pub mod updates;
