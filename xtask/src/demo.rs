//! `demo [--keep] [--no-install]`: the main job on real input, embedded: a hub and a builder on this machine, two
//! source packages of our own built, a repository made of them, both installed from it by dnf.

mod packages;
mod programs;
mod stage;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::install::{self, run};
use crate::{Result, places, say};
use programs::Programs;
use stage::Stage;

/// Runs it.
pub fn run_command(arguments: &[String]) -> Result {
    if let Some(unknown) = arguments.iter().find(|word| !["--keep", "--no-install"].contains(&word.as_str()))
    {
        return Err(format!("no option {unknown}; demo knows --keep and --no-install"));
    }
    let has = |name: &str| arguments.iter().any(|word| word == name);
    let needs = [&install::CC, &install::MAKE, &install::RPMBUILD, &install::DNF];
    install::ensure(&needs, !has("--no-install"))?;
    say("building koji-hubd, kojid and koji (some minutes the first time) ...");
    let build = ["build", "--release", "--quiet", "-p", "koji-hubd", "-p", "koji-cli", "--bins"];
    run(Command::new("cargo").args(build).current_dir(places::root()))?;
    let started = Instant::now();
    let dir = places::root().join("demo");
    let stage = Stage::set(&dir)?;
    let programs = Programs::start(&stage)?;
    perform(&stage)?;
    say(&format!("\nThe demo took {:.0} s.", started.elapsed().as_secs_f64()));
    epilogue(&stage, has("--keep").then(|| programs.keep()))
}

/// What a release engineer would do, in the words of the command line.
fn perform(stage: &Stage) -> Result {
    for words in [
        "add-tag demo --arches x86_64",
        "add-tag demo-build --parent demo --arches x86_64",
        "add-target demo demo-build demo",
        "add-pkg demo koji-greetings koji-greeter --owner admin",
        "add-group demo-build build",
        "add-group demo-build srpm-build",
        "list-targets",
    ] {
        stage.koji(&words.replace("x86_64", std::env::consts::ARCH))?;
    }
    for package in packages::ALL {
        let source = package.source_rpm(&stage.dir.join("sources"))?;
        stage.koji(&format!("build --wait demo {}", source.display()))?;
    }
    stage.koji("list-tagged demo")?;
    stage.koji("regen-repo --wait demo-build")?;
    install_both(stage)
}

/// Installs both packages with dnf into a root of their own, and runs what was installed.
fn install_both(stage: &Stage) -> Result {
    let root = stage.dir.join("root");
    let repo = stage.topdir().join("repos/demo-build/latest").join(std::env::consts::ARCH);
    say(&format!("\n$ dnf --installroot {} install koji-greeter", root.display()));
    let mut dnf = Command::new("dnf");
    dnf.args(["-y", "-q", "--nogpgcheck", "--releasever=1", "--setopt=reposdir=/dev/null"]);
    dnf.arg(format!("--installroot={}", root.display()));
    dnf.arg(format!("--setopt=cachedir={}", stage.dir.join("dnf-cache").display()));
    dnf.arg(format!("--repofrompath=koji-demo,file://{}", repo.display())).args(["--repo=koji-demo"]);
    run(dnf.args(["install", "koji-greeter"]))?;
    let program = root.join("usr/bin/koji-greeter");
    say(&format!("\n$ {}", program.display()));
    run(Command::new(&program).arg(root.join("usr/share/koji-greetings/greetings")))?;
    require_file(&root.join("usr/share/koji-greetings/greetings"))
}

fn require_file(path: &Path) -> Result {
    fs::metadata(path).map(drop).map_err(|error| format!("{}: {error}", path.display()))
}

fn epilogue(stage: &Stage, kept: Option<String>) -> Result {
    let koji = stage.shown_koji();
    say("\nWhat to try next:");
    match kept {
        Some(how_to_stop) => {
            say(&format!(
                "  hub and builder go on running at {}; to stop them:\n    {how_to_stop}",
                stage.url()
            ));
            say(&format!("  {koji} buildinfo koji-greeter-1.0-1"));
            say(&format!("  {koji} list-tasks --all"));
        }
        None => say("  cargo xtask demo --keep               leaves hub and builder running"),
    }
    say("  the same commands work with no hub running, straight on the database:");
    say(&format!(
        "    {koji} --server {} --topdir {} list-tagged demo",
        stage.database(),
        stage.topdir().display()
    ));
    say("  cargo xtask test                      checks and tests everything");
    Ok(())
}
