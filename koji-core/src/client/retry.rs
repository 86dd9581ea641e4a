//! When a call is repeated: pure decisions, the sleeping is the session's.

use std::time::Duration;

use crate::error::Fault;

use super::options::Options;
use super::transport::Failure;

/// What to do after a failure.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Try again after this pause.
    Again(Duration),
    /// Tell the caller.
    GiveUp,
}

/// How often one call was tried.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    /// Tries since the last sensible answer.
    tries: u32,
    /// All tries of the call.
    pub total: u32,
    dropped: bool,
}

impl Attempts {
    /// Decides after a failure. Call numbers make a repetition safe for a session; without a session,
    /// calls only read.
    pub fn next(&mut self, failure: &Failure, logged_in: bool, options: &Options) -> Next {
        self.tries += 1;
        self.total += 1;
        match failure {
            Failure::Fault(error) if error.fault == Fault::Offline && options.offline_retry => {
                self.tries = 0;
                Next::Again(options.offline_retry_interval.unwrap_or(options.retry_interval))
            }
            Failure::Fault(_) | Failure::Hopeless(_) => Next::GiveUp,
            Failure::Dropped(_) if !self.dropped => {
                self.dropped = true;
                Next::Again(Duration::ZERO)
            }
            _ if !logged_in && !options.anon_retry => Next::GiveUp,
            _ if self.tries > options.max_retries => Next::GiveUp,
            _ if self.tries == 1 => Next::Again(Duration::ZERO),
            _ => Next::Again(options.retry_interval),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    fn lost() -> Failure {
        Failure::Lost(Error::generic("no answer"))
    }

    #[test]
    fn anonymous_calls_are_repeated_only_if_asked() {
        let mut options = Options::default();
        assert_eq!(Attempts::default().next(&lost(), false, &options), Next::GiveUp);
        options.anon_retry = true;
        assert_eq!(Attempts::default().next(&lost(), false, &options), Next::Again(Duration::ZERO));
    }

    #[test]
    fn retries_pause_and_end() {
        let options = Options { max_retries: 2, ..Options::default() };
        let mut attempts = Attempts::default();
        assert_eq!(attempts.next(&lost(), true, &options), Next::Again(Duration::ZERO));
        assert_eq!(attempts.next(&lost(), true, &options), Next::Again(Duration::from_secs(20)));
        assert_eq!(attempts.next(&lost(), true, &options), Next::GiveUp);
        assert_eq!(attempts.total, 3);
    }

    #[test]
    fn an_offline_hub_is_waited_for_without_end() {
        let options = Options { max_retries: 1, offline_retry: true, ..Options::default() };
        let mut attempts = Attempts::default();
        for _ in 0..5 {
            let failure = Failure::Fault(Error::new(Fault::Offline, "maintenance"));
            assert_eq!(attempts.next(&failure, true, &options), Next::Again(Duration::from_secs(20)));
        }
    }

    #[test]
    fn a_fault_is_final() {
        let failure = Failure::Fault(Error::generic("no such tag"));
        assert_eq!(Attempts::default().next(&failure, true, &Options::default()), Next::GiveUp);
    }

    #[test]
    fn a_dropped_connection_gets_one_more_try_even_without_a_session() {
        let mut attempts = Attempts::default();
        let dropped = || Failure::Dropped(Error::generic("reset"));
        assert_eq!(attempts.next(&dropped(), false, &Options::default()), Next::Again(Duration::ZERO));
        assert_eq!(attempts.next(&dropped(), false, &Options::default()), Next::GiveUp);
    }
}
