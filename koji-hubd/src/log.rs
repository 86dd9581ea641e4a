//! The log: one structured line for each call, on standard error. `RUST_LOG` filters it.

use std::io::{IsTerminal as _, Write as _};

use tracing_subscriber::EnvFilter;

/// Starts logging; colour only on a terminal.
pub fn start() {
    start_at("info");
}

/// Starts logging at a level that `RUST_LOG` may change.
pub fn start_at(level: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    let started = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .try_init();
    if let Err(error) = started {
        fatal("log", &*error);
    }
}

/// Tells why the process ends, with all causes that the message does not name already.
pub fn fatal(program: &str, error: &dyn std::error::Error) {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        let more = source.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = source.source();
    }
    // Nothing is left to be done when standard error is gone.
    drop(writeln!(std::io::stderr(), "{program}: {text}"));
}
