//! `test [--no-install]`: everything that must hold: tidiness, lints, unit and integration tests on SQLite and on
//! a PostgreSQL server of its own, Python tests, upstream's
//! command line, conformance.

use std::process::Command;
use std::time::Instant;

use crate::install::{self, run};
use crate::{Result, clients, codegen, conformance, places, postgres, python_tests, say, tidy};

/// Runs it.
pub fn run_command(arguments: &[String]) -> Result {
    if let Some(unknown) = arguments.iter().find(|word| *word != "--no-install") {
        return Err(format!("no option {unknown}; test knows --no-install"));
    }
    let may_install = arguments.is_empty();
    let needs = [
        &install::CC,
        &install::MAKE,
        &install::RPMBUILD,
        &install::CHEETAH,
        &install::CREATEREPO,
        &install::DNF,
        &install::PSQL,
        &install::CURL,
        &install::PYTHON,
        &install::RPM_OF_PYTHON,
        &install::RPMSIGN,
        &install::GPG,
        &install::SSHD,
        &install::SVN,
        &install::CVS,
    ];
    install::ensure(&needs, may_install)?;
    step("tidy", || tidy::run(&[]))?;
    step("generated files", || match places::shared() {
        Some(_) => codegen::run(&["--check".to_owned()]),
        None => {
            say("skipped, the recorded schema is not here (KOJI_SHARED)");
            Ok(())
        }
    })?;
    step("format", || run(cargo().args(["fmt", "--all", "--check"])))?;
    step("lints", || {
        run(cargo().args(["clippy", "-q", "--workspace", "--all-targets", "--", "-D", "warnings"]))
    })?;
    step("programs", || run(cargo().args(["build", "-q", "--workspace", "--bins"])))?;
    step("tests", tests)?;
    step("python", || python_tests::run_command(arguments))?;
    step("clients", || clients::run_command(arguments))?;
    step("conformance", || conformance::run_command(arguments))?;
    say("everything holds");
    Ok(())
}

/// How many tests run at once, for Rust's test programs.
const TEST_THREADS: &str = "RUST_TEST_THREADS";

/// Tests of all crates, with a database server beside them.
fn tests() -> Result {
    let dir = std::env::temp_dir().join(format!("koji-test-{}", std::process::id()));
    let outcome = postgres::start(&dir).and_then(|server| {
        let mut test = cargo();
        test.args(["test", "--workspace", "--quiet"]).env("KOJI_TEST_POSTGRES", server.url());
        // most of the time a test waits for a builder's next look
        let threads = 2 * std::thread::available_parallelism().map_or(1, usize::from);
        if std::env::var_os(TEST_THREADS).is_none() {
            test.env(TEST_THREADS, threads.to_string());
        }
        run(&mut test)
    });
    // The server has stopped; what it kept is of no use to anybody.
    let _ = std::fs::remove_dir_all(&dir);
    outcome
}

fn cargo() -> Command {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(places::root());
    cargo
}

fn step(name: &str, work: impl FnOnce() -> Result) -> Result {
    let started = Instant::now();
    say(&format!("== {name}"));
    work().map_err(|error| format!("{name}: {error}"))?;
    say(&format!("== {name}: good, {:.0} s", started.elapsed().as_secs_f64()));
    Ok(())
}
