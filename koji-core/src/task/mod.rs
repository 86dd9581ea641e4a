//! Tasks: what the hub has builders do.

pub mod state;
