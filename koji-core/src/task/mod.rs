//! Tasks: what the hub has builders do.

pub mod cancel;
pub mod change;
pub mod owner;
pub mod row;
pub mod state;
pub mod stored;
pub mod tree;
