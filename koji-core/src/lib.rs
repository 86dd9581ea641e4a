//! Everything that decides in Koji.

pub mod error;
pub mod wire;

pub use error::{Error, Fault, Result};
