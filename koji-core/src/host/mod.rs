//! Builders: their configuration, the channels they serve, what they report about themselves.
//!
//! Tasks belong to the room `task`, and who gets which task to `scheduler`.

pub mod add;
pub mod channels;
pub mod edit;
pub mod list;
pub mod report;
mod row;
pub mod setup;

pub use row::{HostRow, find, get, unknown};
