//! Commands that make and cancel builds.

pub mod cancel;
pub mod chain_build;
pub mod maven_build;
pub mod submit;
pub mod target;
pub mod win_build;
pub mod wrapper_rpm;
