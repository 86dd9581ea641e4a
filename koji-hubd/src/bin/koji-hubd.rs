//! The hub daemon.

use std::process::ExitCode;

use clap::Parser as _;
use koji_hubd::{args::Args, command, log};

/// Large answers come and go on many threads; the system's allocator keeps three times their size.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let args = Args::parse();
    let log = log::start();
    match command::run(&args, log) {
        Ok(code) => code,
        Err(error) => {
            log::fatal("koji-hubd", &error);
            ExitCode::FAILURE
        }
    }
}
