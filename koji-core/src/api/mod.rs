//! The contract: every method that a hub answers, declared once.
//!
//! One file per noun declares its methods: wire name, arguments with defaults, output, read or write, who
//! may call. From it come dispatch, argument errors, `_listapi`, the typed client and the table of access.
//! A declaration calls the noun's room and holds no logic.
#![expect(non_snake_case, reason = "arguments bear the names that clients send")]

pub mod access;
pub mod answer;
pub mod args;
pub mod cast;
pub mod dispatch;
pub mod listing;
pub mod method;
pub mod multicall;
pub mod registry;

mod archive;
mod build;
mod build_list;
mod buildroot;
mod buildroot_maven;
mod cg;
mod channel;
mod event;
mod external_repo;
mod history;
mod host;
mod host_build;
mod host_call;
mod host_typed;
mod notification;
mod package;
mod permission;
mod policy;
mod repo;
mod rpm;
mod scheduler;
mod scratch;
mod search;
mod session;
mod signature;
mod snapshot;
mod system;
mod tag;
mod tag_group;
mod tagged;
mod tagging;
mod target;
mod task;
mod task_ask;
mod typed_build;
mod upload;
mod user;
mod volume;
mod wrap;

pub use answer::Answer;
pub use args::Arg;
pub use dispatch::{Call, dispatch};
pub use method::{Access, Method, Mode};
