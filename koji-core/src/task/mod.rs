//! Tasks: what the hub has builders do.

pub mod tree;
pub mod stored;
pub mod row;
pub mod change;
pub mod cancel;
pub mod owner;
pub mod state;
