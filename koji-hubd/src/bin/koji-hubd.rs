//! The hub daemon.

use std::process::ExitCode;

use clap::Parser as _;
use koji_hubd::{args::Args, command, log};

/// Large answers come and go on many threads; the system's allocator keeps three times their size.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let args = Args::parse();
    log::start();
    match command::run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log::fatal("koji-hubd", &error);
            ExitCode::FAILURE
        }
    }
}
