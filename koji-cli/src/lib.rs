//! The koji command as a library: it parses, calls the hub, and writes what Koji's client writes.
//!
//! It holds no rules of Koji; those are the library's and the hub's. The text output is an interface:
//! scripts read its columns and labels.

mod app;
mod commands;
mod context;
mod files;
mod host_load;
mod pause;
mod repo_watch;
mod settings;
mod stop;
mod task_watch;
mod terminal;
mod value;
mod what_if;
mod when;

use std::ffi::OsString;
use std::io::Write;

use koji_core::wire::python_text as python;

use commands::Command;
use commands::info::help;
use context::Ctx;
use settings::Settings;

/// Runs a command line; the result is the exit code.
pub fn run(args: impl IntoIterator<Item = OsString>, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    let args: Vec<OsString> = args.into_iter().collect();
    let program = settings::program_name(args.first());
    let parsed = match app::parse(&program, args) {
        Ok(parsed) => parsed,
        Err(refused) => return refused.show(&program, out, err),
    };
    let command = match parsed.command {
        // neither needs a profile
        None => return stop::exit_code(&program, help::list(&program, &[], out), out, err),
        Some(Command::Help(args)) => {
            return stop::exit_code(&program, help::write(&program, args, out), out, err);
        }
        Some(command) => command,
    };
    let settings = match Settings::load(&program, parsed.global) {
        Ok(settings) => settings,
        Err(stop) => return stop::exit_code(&program, Err(stop), out, err),
    };
    let mut ctx = Ctx::new(program.clone(), settings, out, err);
    let outcome = command.run(&mut ctx);
    ctx.finish();
    let Ctx { out, err, .. } = ctx;
    stop::exit_code(&program, outcome, out, err)
}
