//! What happened: events, and which rows each of them made or ended.

pub mod event;
