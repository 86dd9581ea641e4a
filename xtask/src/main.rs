//! What developers run: `cargo xtask COMMAND`.
//!
//! A command has a file of its own and gets the arguments after its name. This file only finds it.

mod clients;
mod codegen;
mod conformance;
mod demo;
mod farm;
mod fuzz;
mod install;
mod kill;
mod leftover;
mod places;
mod postgres;
mod python;
mod python_tests;
mod test;
mod tidy;

use std::io::Write;
use std::process::ExitCode;

/// The result of a command; the error is what to tell.
pub type Result<T = ()> = std::result::Result<T, String>;

/// A command: its name, one line on what it does, and the function.
struct Command {
    name: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Result,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "clients",
        about: "run upstream's command line through transcripts (--no-install, --db URL, --bless, NUMBER..)",
        run: clients::run_command,
    },
    Command {
        name: "codegen",
        about: "write the table definitions and the SQL (--check: compare only)",
        run: codegen::run,
    },
    Command {
        name: "conformance",
        about: "replay recorded scenarios (--db sqlite|postgres, --verbose, --bless, SCENARIO..)",
        run: conformance::run_command,
    },
    Command {
        name: "demo",
        about: "build, tag, compose and install two packages (--keep, --no-install)",
        run: demo::run_command,
    },
    Command {
        name: "farm",
        about: "a mass rebuild on simulated builders (--builders N, --packages N, --seed S, --db sqlite|postgres|none, ..)",
        run: farm::run_command,
    },
    Command {
        name: "fuzz",
        about: "send nonsense to hubs (--requests N, --seed S, --db sqlite|postgres)",
        run: fuzz::run_command,
    },
    Command {
        name: "kill",
        about: "kill builder, tasks and hub at random moments (--rounds N, --seed S, --db sqlite|postgres, --builds yes|no)",
        run: kill::run_command,
    },
    Command {
        name: "postgres",
        about: "run a command beside a PostgreSQL server of its own",
        run: postgres::run,
    },
    Command {
        name: "python",
        about: "install the koji module into an environment and test it (--no-install, PYTEST-ARGUMENT..)",
        run: python_tests::run_command,
    },
    Command {
        name: "test",
        about: "check and test everything (--no-install: install nothing)",
        run: test::run_command,
    },
    Command { name: "tidy", about: "check the invariants of the source", run: tidy::run },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            let _ = writeln!(std::io::stderr(), "xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result {
    let name = arguments.first().map_or("help", String::as_str);
    if matches!(name, "help" | "--help" | "-h") {
        for command in COMMANDS {
            say(&format!("{:12} {}", command.name, command.about));
        }
        return Ok(());
    }
    match COMMANDS.iter().find(|command| command.name == name) {
        Some(command) => (command.run)(&arguments[1..]),
        None => Err(format!("no command '{name}'; 'cargo xtask help' lists them")),
    }
}

/// Prints a line for the reader. A closed pipe is no reason to fail.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
