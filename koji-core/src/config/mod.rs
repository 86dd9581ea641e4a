//! Configuration files of hub, builder and clients, in the format and with the options that Koji has.
//!
//! Nothing here looks at the environment by itself, and no message tells an option's value.

pub mod builder;
mod defaults;
pub mod hub;
pub mod ini;
mod log_level;
mod options;
pub mod profile;
mod uses;

pub use hub::HubConfig;
pub use ini::{Ini, Source};
