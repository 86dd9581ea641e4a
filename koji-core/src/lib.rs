//! Everything that decides in Koji.

pub mod arch;
pub mod error;
pub mod names;
pub mod nvr;
pub mod paths;
pub mod tag;
pub mod wire;

pub use error::{Error, Fault, Result};
