//! Python environments for tests: one with upstream's own client, one with what builds and tests our module.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::install::run;
use crate::{Result, say};

/// The client that our hub is tested with. Kerberos and librpm are left out: they need system libraries.
const CLIENT: &str = "koji==1.36.1";
const BESIDE: [&str; 5] = ["requests", "python-dateutil", "six", "defusedxml", "setuptools<81"];

/// The interpreter of an environment that has upstream's client; made in `target` when absent.
pub fn with_upstream_client(target: &Path) -> Result<PathBuf> {
    let dir = target.join("venv-upstream");
    let python = dir.join("bin/python");
    let done = dir.join("ready");
    if done.exists() {
        return Ok(python);
    }
    say("making a Python environment with upstream's client ...");
    make(&dir)?;
    run(Command::new(&python).args(["-m", "pip", "install", "-q"]).args(BESIDE))?;
    run(Command::new(&python).args(["-m", "pip", "install", "-q", "--no-deps", CLIENT]))?;
    std::fs::write(&done, CLIENT).map_err(|error| format!("{}: {error}", done.display()))?;
    Ok(python)
}

/// What builds our module, and what runs its tests.
const TOOLS: [&str; 2] = ["maturin>=1.9,<2", "pytest>=8,<10"];

/// The interpreter of an environment that can build and test our module; made in `target` when absent.
pub fn with_tools(target: &Path) -> Result<PathBuf> {
    let dir = target.join("venv-own");
    let python = dir.join("bin/python");
    let done = dir.join("ready");
    if done.exists() {
        return Ok(python);
    }
    say("making a Python environment with maturin and pytest ...");
    make(&dir)?;
    run(Command::new(&python).args(["-m", "pip", "install", "-q"]).args(TOOLS))?;
    std::fs::write(&done, TOOLS.join(" ")).map_err(|error| format!("{}: {error}", done.display()))?;
    Ok(python)
}

/// Makes an empty environment.
pub fn make(dir: &Path) -> Result {
    if dir.exists() {
        std::fs::remove_dir_all(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    }
    run(Command::new("python3").args(["-m", "venv"]).arg(dir))
}
