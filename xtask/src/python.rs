//! Python environments for tests: one with upstream's own client, one with what builds and tests our module.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::install::run;
use crate::{Result, say};

/// The client that our hub is tested with. Kerberos is left out: it needs a system library.
const CLIENT: &str = "koji==1.36.1";
const BESIDE: [&str; 5] = ["requests", "python-dateutil", "six", "defusedxml", "setuptools<81"];

/// The interpreter of an environment that has upstream's client; made in `target` when absent. It is the system's Python,
/// for librpm's bindings belong to that one.
pub fn with_upstream_client(target: &Path) -> Result<PathBuf> {
    let dir = target.join("venv-client");
    let python = dir.join("bin/python");
    let done = dir.join("ready");
    if done.exists() {
        return Ok(python);
    }
    say("making a Python environment with upstream's client ...");
    make(Command::new("/usr/bin/python3").args(["-m", "venv", "--system-site-packages"]), &dir)?;
    run(Command::new(&python).args(["-m", "pip", "install", "-q"]).args(BESIDE))?;
    run(Command::new(&python).args(["-m", "pip", "install", "-q", "--no-deps", CLIENT]))?;
    run(Command::new(&python).args(["-c", "import koji, rpm"]))?;
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
    make(Command::new("python3").args(["-m", "venv"]), &dir)?;
    run(Command::new(&python).args(["-m", "pip", "install", "-q"]).args(TOOLS))?;
    std::fs::write(&done, TOOLS.join(" ")).map_err(|error| format!("{}: {error}", done.display()))?;
    Ok(python)
}

/// Makes an empty environment.
fn make(command: &mut Command, dir: &Path) -> Result {
    if dir.exists() {
        std::fs::remove_dir_all(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    }
    run(command.arg(dir))
}
