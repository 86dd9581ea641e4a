//! The hub daemon.

use std::ffi::{c_int, c_long};
use std::process::ExitCode;

use clap::Parser as _;
use koji_hubd::{args::Args, command, log};

/// Large answers come and go on many threads; the system's allocator keeps three times their size.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

unsafe extern "C" {
    /// mimalloc's own, which the crate does not hand on.
    fn mi_option_set(option: c_int, value: c_long);
}

/// `mi_option_purge_delay`: how long memory that is free is kept, in milliseconds.
const PURGE_DELAY: c_int = 15;

fn main() -> ExitCode {
    // What one large answer leaves is not kept for the next: that would be half as much again.
    // SAFETY: it sets a number of the allocator that this program is linked with, and may be called at any time.
    unsafe { mi_option_set(PURGE_DELAY, 0) };
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
