//! `kill [--rounds N] [--seed S] [--db sqlite|postgres] [--builds yes|no] [--victim builder|task|hub]`: kills a builder,
//! its tasks and a hub at random moments, 200 times each unless told otherwise. The program itself is
//! `tests/src/bin/kill.rs`.

use std::process::Command;

use crate::install::{self, run};
use crate::{Result, places, postgres};

/// Runs it beside a PostgreSQL server of its own.
pub fn run_command(arguments: &[String]) -> Result {
    install::ensure(&[&install::CC, &install::PSQL, &install::RPMBUILD], false)?;
    let mut cargo = Command::new("cargo");
    cargo.current_dir(places::root());
    run(cargo.args(["build", "-q", "-p", "koji-hubd", "-p", "koji-tests", "--bins"]))?;
    let program = places::target().join("debug/kill");
    let dir = std::env::temp_dir().join(format!("koji-kill-{}", std::process::id()));
    let outcome = postgres::start(&dir).and_then(|server| {
        run(Command::new(program).args(arguments).env("KOJI_TEST_POSTGRES", server.url()))
    });
    // The server has stopped; what it kept is of no use to anybody.
    let _ = std::fs::remove_dir_all(&dir);
    outcome
}
