//! The terminal: whether there is one, and waiting so that Ctrl-C can be answered.

use std::io::IsTerminal as _;
use std::time::Duration;

/// Whether the command runs where nobody watches: without a terminal, or in the background of a shell.
pub fn in_background() -> bool {
    if !std::io::stdin().is_terminal() {
        return true;
    }
    // SAFETY: both calls only read the state of this process.
    unsafe { libc::getpgrp() != libc::tcgetpgrp(0) }
}

/// Whether progress bars make sense.
pub fn shows_progress() -> bool {
    std::io::stdout().is_terminal()
}

/// Keeps Ctrl-C back while it lives, so that [`Patience::wait`] can report it.
pub struct Patience {
    before: libc::sigset_t,
}

impl Patience {
    /// Holds Ctrl-C back from now on.
    pub fn new() -> Self {
        // SAFETY: both sets are valid memory that the calls fill.
        unsafe {
            let mut before: libc::sigset_t = std::mem::zeroed();
            libc::pthread_sigmask(libc::SIG_BLOCK, &raw const *interrupt_set().as_ref(), &raw mut before);
            Self { before }
        }
    }

    /// Waits; true if Ctrl-C came.
    pub fn wait(&self, time: Duration) -> bool {
        let limit = libc::timespec {
            tv_sec: libc::time_t::try_from(time.as_secs()).unwrap_or(libc::time_t::MAX),
            tv_nsec: time.subsec_nanos().into(),
        };
        // SAFETY: the set and the limit are valid, and no information is asked for.
        let signal = unsafe {
            libc::sigtimedwait(&raw const *interrupt_set().as_ref(), std::ptr::null_mut(), &raw const limit)
        };
        signal == libc::SIGINT
    }
}

impl Drop for Patience {
    fn drop(&mut self) {
        // SAFETY: the set was filled when this value was made.
        unsafe {
            libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.before, std::ptr::null_mut());
        }
    }
}

fn interrupt_set() -> Box<libc::sigset_t> {
    // SAFETY: the set is valid memory that the calls fill.
    unsafe {
        let mut set: Box<libc::sigset_t> = Box::new(std::mem::zeroed());
        libc::sigemptyset(&raw mut *set);
        libc::sigaddset(&raw mut *set, libc::SIGINT);
        set
    }
}
