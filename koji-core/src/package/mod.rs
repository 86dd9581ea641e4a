//! Packages.

pub mod create;
