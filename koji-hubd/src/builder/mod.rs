//! The builder: takes tasks from a hub, runs each in a process of its own, and hands in what came out.
//!
//! It talks to the hub by calls only and never opens a database. It refuses tasks it has no handler for.

/// Positional arguments of a call.
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$(::koji_core::wire::Value::from($value)),*] };
}

/// Members of a struct, or keyword arguments of a call.
macro_rules! map {
    ($($key:expr => $value:expr),* $(,)?) => {
        vec![$((String::from($key), ::koji_core::wire::Value::from($value))),*]
    };
}

pub mod args;
pub mod backend;
pub mod buildroot;
pub mod child;
pub mod config;
pub mod daemon;
pub mod files;
pub mod leftover;
pub mod load;
pub mod log_stream;
pub mod mail;
pub mod meter;
pub mod probe;
pub mod process;
pub mod scm;
pub mod signals;
pub mod task;

use std::process::ExitCode;

use koji_core::Result;

use crate::log;
use args::Args;
use config::Settings;

/// Runs the daemon, or in a child process one task.
pub fn run(args: &Args) -> Result<ExitCode> {
    if let Some(stage) = args.enter {
        return Ok(backend::enter::run(stage));
    }
    if let Some(task) = args.run_task {
        return child::run(task).map(daemon::exit_code);
    }
    if args.probe {
        return probe::run().map(|()| ExitCode::SUCCESS);
    }
    let settings = Settings::load(&args.config, args.overrides())?;
    if !args.foreground {
        process::detach(std::path::Path::new(config::LOG_FILE))?;
    }
    log::start_at(settings.log_level());
    daemon::run(settings, args.force_lock).map(|()| ExitCode::SUCCESS)
}
