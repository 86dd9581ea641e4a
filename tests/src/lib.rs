//! What integration tests share: a hub of their own, a client of it, and source packages.
//!
//! The binaries must be built before (`cargo xtask test` does): tests run what people run.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot begin fails"
)]

mod bootstrap;
mod builder;
mod command;
mod crafted;
mod database;
mod dump;
pub mod farm;
mod faulty;
pub mod fuzz;
mod git;
mod http;
mod hub;
pub mod kill;
mod local;
mod rpms;
mod served;
mod smtp;
mod statements;
mod tree;

pub use bootstrap::{BOOTSTRAP, bootstrap_rpm};
pub use builder::{TestBuilder, make_task, parts};
pub use crafted::{CraftedFile, CraftedSource};
pub use database::{Database, each_database};
pub use dump::{Dump, DumpedRow};
pub use faulty::{Fault, FaultyServer};
pub use git::{GitServer, serve_files};
pub use http::{Reply, credentials};
pub use hub::TestHub;
pub use local::LocalHub;
pub use rpms::{SourcePackage, rpm_of};
pub use served::{Served, free_port, wait_for};
pub use smtp::{Received, SmtpSink};
pub use statements::statements;
pub use tree::tree;

use std::path::PathBuf;

/// A binary of this workspace, beside the test's own.
///
/// # Panics
/// When it has not been built.
pub fn binary(name: &str) -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let dir = own.ancestors().find(|dir| dir.join(name).is_file());
    dir.map(|dir| dir.join(name))
        .unwrap_or_else(|| panic!("build the binaries first: cargo build --workspace"))
}
