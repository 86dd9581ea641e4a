//! Buildroots: where builds are made, and of what.

pub mod content;
pub mod make;
pub mod row;
pub mod state;
