//! `python [--no-install] [PYTEST-ARGUMENT..]`: installs the koji module as `pip install .` does, with the debug
//! profile, into an environment below `target`, and runs its tests against a hub of this checkout.

use std::process::Command;

use crate::install::{self, run};
use crate::{Result, places, python, say};

/// Runs it.
pub fn run_command(arguments: &[String]) -> Result {
    let may_install = !arguments.iter().any(|word| word == "--no-install");
    install::ensure(&[&install::CC, &install::PYTHON], may_install)?;
    run(Command::new("cargo").args(["build", "-q", "-p", "koji-hubd"]).current_dir(places::root()))?;
    let target = places::target();
    let python = python::with_tools(&target)?;
    let module = places::root().join("koji-py");
    say("installing the koji module and running its tests ...");
    let tools = target.join("venv-own/bin");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([tools].into_iter().chain(std::env::split_paths(&path)))
        .map_err(|error| format!("PATH: {error}"))?;
    run(Command::new(&python)
        .args(["-m", "pip", "install", "-q", "--no-build-isolation", "--no-deps", "."])
        .env("PATH", path)
        .env("CARGO_TARGET_DIR", &target)
        .env("MATURIN_PEP517_ARGS", "--profile dev")
        .current_dir(&module))?;
    run(Command::new(&python)
        .args(["-m", "pytest", "-q", "-p", "no:cacheprovider"])
        .args(arguments.iter().filter(|word| *word != "--no-install"))
        .env("KOJI_HUBD", target.join("debug/koji-hubd"))
        .current_dir(&module))
}
