//! Commands that tag builds.

pub mod move_build;
pub mod tag_build;
pub mod untag_build;
