//! Commands that make and cancel builds.

pub mod cancel;
pub mod chain_build;
pub mod image_build;
pub mod image_build_indirection;
pub mod maven_build;
pub mod maven_chain;
pub mod maven_ini;
pub mod spin;
pub mod spin_appliance;
pub mod spin_livecd;
pub mod spin_livemedia;
pub mod submit;
pub mod target;
pub mod win_build;
pub mod wrapper_rpm;
