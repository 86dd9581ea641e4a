//! `farm [--builders N] [--packages N] [--seed S] [--db sqlite|postgres|none] [--speedup X] [--poll SECONDS]
//! [--for SECONDS]`: a mass rebuild on a simulated farm, 200 builders and 5000 packages unless told otherwise, to its end
//! or for so long. The program itself is `tests/src/bin/farm.rs`.

use std::process::Command;

use crate::install::{self, run};
use crate::{Result, places, postgres};

/// Runs it beside a PostgreSQL server of its own.
pub fn run_command(arguments: &[String]) -> Result {
    install::ensure(&[&install::CC, &install::PSQL], false)?;
    let mut cargo = Command::new("cargo");
    cargo.current_dir(places::root());
    // what is measured is what people run
    run(cargo.args(["build", "-q", "--release", "-p", "koji-hubd", "-p", "koji-tests", "--bins"]))?;
    let program = places::target().join("release/farm");
    let dir = std::env::temp_dir().join(format!("koji-farm-{}", std::process::id()));
    let outcome = postgres::start(&dir).and_then(|server| {
        run(Command::new(program).args(arguments).env("KOJI_TEST_POSTGRES", server.url()))
    });
    // The server has stopped; what it kept is of no use to anybody.
    let _ = std::fs::remove_dir_all(&dir);
    outcome
}
