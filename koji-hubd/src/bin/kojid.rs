//! The builder daemon.

use std::process::ExitCode;

use clap::Parser as _;
use koji_hubd::builder::{self, args::Args};
use koji_hubd::log;

fn main() -> ExitCode {
    match builder::run(&Args::parse()) {
        Ok(code) => code,
        Err(error) => {
            log::fatal("kojid", &error);
            ExitCode::FAILURE
        }
    }
}
