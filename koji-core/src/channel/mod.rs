//! Channels: named queues of tasks that hosts serve.

pub mod edit;
mod row;

pub use row::{ChannelRow, find, get, list};
