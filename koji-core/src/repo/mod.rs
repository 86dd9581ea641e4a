//! Repositories of tags.

pub mod state;
