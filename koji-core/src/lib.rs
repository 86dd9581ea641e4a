//! Everything that decides in Koji.

#[cfg(feature = "client")]
pub mod client;
pub mod error;
pub mod wire;

pub use error::{Error, Fault, Result};
