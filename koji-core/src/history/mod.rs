//! What happened: events, and which rows each of them made or ended.

pub mod event;
pub mod query;
pub mod row;
mod tables;
