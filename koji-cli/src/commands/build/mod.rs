//! Commands that make and cancel builds.

pub mod cancel;
pub mod submit;
