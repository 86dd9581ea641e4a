//! The hub daemon.

use std::process::ExitCode;

use clap::Parser as _;
use koji_hubd::{args::Args, command, log};

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
