//! `clients [--no-install] [--db URL] [ARGUMENT..]`: runs upstream's command line through the transcripts of `tests/clients`,
//! then koji-gc, koji-shadow and kojira, against a hub of this checkout. Further arguments go to `tests/clients/run.py`.

use std::process::Command;

use crate::install::{self, run};
use crate::{Result, places, python, say};

/// Runs it.
pub fn run_command(arguments: &[String]) -> Result {
    let may_install = !arguments.iter().any(|word| word == "--no-install");
    let needs =
        [&install::PYTHON, &install::RPM_OF_PYTHON, &install::RPMBUILD, &install::RPMSIGN, &install::GPG];
    install::ensure(&needs, may_install)?;
    run(Command::new("cargo").args(["build", "-q", "-p", "koji-hubd"]).current_dir(places::root()))?;
    let target = places::target();
    let python = python::with_upstream_client(&target)?;
    say("running upstream's command line, koji-gc, koji-shadow and kojira ...");
    run(Command::new(&python)
        .arg(places::root().join("tests/clients/run.py"))
        .arg("--hubd")
        .arg(target.join("debug/koji-hubd"))
        .args(arguments.iter().filter(|word| *word != "--no-install"))
        .env("PYTHONDONTWRITEBYTECODE", "1"))
}
