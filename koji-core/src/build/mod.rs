//! Builds.

pub mod state;
