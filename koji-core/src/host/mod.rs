//! Builders.

pub mod setup;
