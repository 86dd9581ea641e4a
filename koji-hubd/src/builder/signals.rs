//! Signals as events: they are blocked, and taken one at a time while the daemon sleeps.
//!
//! So there is no handler that could interrupt a call halfway, and nothing global.

use std::mem::MaybeUninit;
use std::time::Duration;

use koji_core::{Error, Result};

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Stop (`SIGTERM`, `SIGINT`).
    Stop,
    /// Restart when the running tasks are done (`SIGUSR1`).
    Restart,
    /// A child ended.
    Child,
}

const TAKEN: [(libc::c_int, Event); 4] = [
    (libc::SIGTERM, Event::Stop),
    (libc::SIGINT, Event::Stop),
    (libc::SIGUSR1, Event::Restart),
    (libc::SIGCHLD, Event::Child),
];

/// The blocked signals. Children start with none blocked, which is what `std::process` sees to.
pub struct Signals {
    set: libc::sigset_t,
}

impl Signals {
    /// Blocks the signals in this thread; call it before there is another.
    pub fn block() -> Result<Self> {
        let mut set = MaybeUninit::uninit();
        // SAFETY: sigemptyset initialises the set that the following calls use; the old mask is not asked for.
        let (set, failed) = unsafe {
            libc::sigemptyset(set.as_mut_ptr());
            for (signal, _) in TAKEN {
                libc::sigaddset(set.as_mut_ptr(), signal);
            }
            let failed = libc::pthread_sigmask(libc::SIG_BLOCK, set.as_ptr(), std::ptr::null_mut());
            (set.assume_init(), failed)
        };
        if failed != 0 {
            return Err(Error::unforeseen("cannot block signals")
                .caused_by(std::io::Error::from_raw_os_error(failed)));
        }
        Ok(Self { set })
    }

    /// Sleeps until a signal comes, at most this long.
    pub fn wait(&self, timeout: Duration) -> Option<Event> {
        let timeout = libc::timespec {
            tv_sec: timeout.as_secs().try_into().unwrap_or(libc::time_t::MAX),
            tv_nsec: timeout.subsec_nanos().into(),
        };
        // SAFETY: set and timeout are initialised; no information about the signal is asked for.
        let signal =
            unsafe { libc::sigtimedwait(&raw const self.set, std::ptr::null_mut(), &raw const timeout) };
        TAKEN.iter().find(|(known, _)| *known == signal).map(|(_, event)| *event)
    }
}
