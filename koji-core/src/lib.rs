//! Everything that decides in Koji: a library that hub, builder, command line and Python share.
//!
//! A room per noun (`tag`, `build`, `task`, ..) holds its rows, queries and rules; [`api`] declares the
//! methods that a hub answers; [`hub::Hub`] is the door.

pub mod api;
pub mod arch;
pub mod archive;
pub mod build;
pub mod buildroot;
pub mod cg;
pub mod channel;
#[cfg(feature = "client")]
pub mod client;
pub mod compose;
pub mod config;
pub mod context;
pub mod db;
pub mod digest;
pub mod error;
pub mod external_repo;
pub mod history;
pub mod host;
pub mod hub;
pub mod lookaside;
pub mod mock;
pub mod names;
pub mod nearest;
pub mod notification;
pub mod numbered;
pub mod nvr;
pub mod package;
pub mod paths;
pub mod plugin;
pub mod policy;
pub mod repo;
pub mod rpm;
pub mod scheduler;
pub mod search;
pub mod session;
pub mod tag;
pub mod target;
pub mod task;
mod together;
pub mod upload;
pub mod user;
pub mod volume;
pub mod what_if;
pub mod wire;

/// The version of Koji whose interface and behaviour the hub has; clients choose by it what they may ask.
pub const KOJI_VERSION: &str = "1.35.3";

pub use error::{Error, Fault, Result};

/// The version of this library and of the programs built on it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
