//! Buildroots: where builds are made, and of what.

pub mod ask;
pub mod content;
pub mod external;
pub mod make;
pub mod maven;
pub mod row;
pub mod state;
