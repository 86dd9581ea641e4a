//! The log: one structured line for each call, on standard error. `RUST_LOG` filters it.

use std::io::{IsTerminal as _, Write as _};

use tracing_subscriber::EnvFilter;

/// What is logged where neither `RUST_LOG` nor a configuration says anything.
const LEVEL: &str = "info";

/// A log that is running.
pub struct Log {
    set: Box<dyn Fn(EnvFilter) + Send + Sync>,
}

impl Log {
    /// Logs what a configuration asks for, in the form of `RUST_LOG`, which goes before it.
    pub fn set(&self, filter: Option<&str>) {
        if std::env::var_os(EnvFilter::DEFAULT_ENV).is_none() {
            (self.set)(EnvFilter::new(filter.unwrap_or(LEVEL)));
        }
    }
}

/// Starts logging; colour only on a terminal.
pub fn start() -> Log {
    start_at(LEVEL)
}

/// Starts logging at a level that `RUST_LOG` may change.
pub fn start_at(level: &str) -> Log {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        // To tell of a log that can't be written it would write there again, and fail the call over it.
        .log_internal_errors(false)
        .with_filter_reloading();
    let handle = subscriber.reload_handle();
    if let Err(error) = subscriber.try_init() {
        fatal("log", &*error);
    }
    let set = move |filter| {
        if let Err(error) = handle.reload(filter) {
            fatal("log", &error);
        }
    };
    Log { set: Box::new(set) }
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
