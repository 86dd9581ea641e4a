//! The states of a standard buildroot: any may follow any, but none goes back to the start or leaves the end.

use crate::numbered::{Step, numbered};
use crate::{Error, Result};

numbered! {
    /// A standard buildroot's state.
    BuildrootState, "buildroot state" {
        /// Being set up.
        Init = 0 "INIT",
        /// Set up, waits.
        Waiting = 1 "WAITING",
        /// In use.
        Building = 2 "BUILDING",
        /// Gone.
        Expired = 3 "EXPIRED",
    }
}

/// What follows when a buildroot is to get a state.
pub fn next(
    buildroot_id: i64,
    state: BuildrootState,
    wanted: BuildrootState,
) -> Result<Step<BuildrootState>> {
    use BuildrootState::*;
    match (state, wanted) {
        (_, Init) => Err(Error::generic("Cannot change buildroot state to INIT")),
        (Expired, Expired) => Ok(Step::Already),
        (Expired, _) => Err(Error::generic(format!("buildroot {buildroot_id} is EXPIRED"))),
        (_, wanted) => Ok(Step::To(wanted)),
    }
}

#[cfg(test)]
mod tests {
    use super::BuildrootState::*;
    use super::*;

    #[test]
    fn the_end_is_the_end() {
        assert_eq!(next(1, Init, Building).unwrap(), Step::To(Building));
        assert_eq!(next(1, Building, Expired).unwrap(), Step::To(Expired));
        assert_eq!(next(1, Expired, Expired).unwrap(), Step::Already);
        assert_eq!(next(1, Expired, Building).unwrap_err().message, "buildroot 1 is EXPIRED");
        assert!(next(1, Waiting, Init).is_err());
    }
}
