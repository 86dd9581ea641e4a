//! The contract: every method that a hub answers, declared once.
//!
//! One file per noun declares its methods: wire name, arguments with defaults, output, read or write, who
//! may call. From it come dispatch, argument errors, `_listapi`, the typed client and the table of access.
//! A declaration calls the noun's room and holds no logic.
#![expect(non_snake_case, reason = "arguments bear the names that clients send")]
#![expect(clippy::new_without_default, reason = "a method is made by `new`, whatever it must be given")]

pub mod access;
pub mod answer;
pub mod args;
pub mod cast;
pub mod dispatch;
pub mod later;
pub mod listing;
pub mod maybe_new;
pub mod method;
pub mod multicall;
pub mod openapi;
pub mod registry;
pub mod schema;

pub mod archive;
pub mod build;
pub mod build_list;
pub mod buildroot;
pub mod buildroot_maven;
pub mod cg;
pub mod channel;
pub mod column;
pub mod event;
pub mod external_repo;
pub mod history;
pub mod host;
pub mod host_build;
pub mod host_call;
pub mod host_typed;
pub mod notification;
pub mod own;
pub mod package;
pub mod permission;
pub mod plugged;
pub mod policy;
mod query_opts;
pub mod repo;
pub mod rpm;
pub mod scheduler;
pub mod scratch;
pub mod search;
pub mod session;
pub mod signature;
pub mod snapshot;
pub mod system;
pub mod tag;
pub mod tag_group;
pub mod tagged;
pub mod tagging;
pub mod target;
pub mod task;
pub mod task_ask;
pub mod typed_build;
pub mod upload;
pub mod user;
pub mod volume;
pub mod wrap;

#[cfg(test)]
mod round_trip;

pub use answer::Answer;
pub use args::Arg;
pub use dispatch::{Call, dispatch};
pub use method::{Access, Method, Mode};
