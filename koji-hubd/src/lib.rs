//! The adapters that run: the hub daemon and the builder. They decide nothing; `koji-core` does.

pub mod args;
pub mod builder;
pub mod command;
pub mod events;
pub mod files;
pub mod limits;
pub mod log;
pub mod lookaside;
pub mod reload;
pub mod roles;
pub mod rpc;
pub mod server;
