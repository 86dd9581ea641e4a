//! Everything that decides in Koji.

pub mod compose;
pub mod error;
pub mod rpm;
pub mod wire;

pub use error::{Error, Fault, Result};
