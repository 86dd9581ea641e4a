//! Tasks: what the hub has builders do.

pub mod owner;
pub mod state;
