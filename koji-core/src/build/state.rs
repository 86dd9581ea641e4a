//! The states of a build and how one follows another.

use crate::numbered::{Step, numbered};
use crate::{Error, Result};

numbered! {
    /// A build's state.
    BuildState, "build state" {
        /// Under way, or reserved.
        Building = 0 "BUILDING",
        /// There.
        Complete = 1 "COMPLETE",
        /// Its files are gone; its name is kept.
        Deleted = 2 "DELETED",
        /// Did not work.
        Failed = 3 "FAILED",
        /// Called off.
        Canceled = 4 "CANCELED",
    }
}

/// What happens to a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuildEvent {
    /// Its name is used again for another try, or for an import.
    Recycle {
        /// The state that the new try begins in.
        to: BuildState,
        /// Whether the task that asks is the one that has the build already.
        same_task: bool,
    },
    /// Everything has been imported.
    Complete,
    /// Its task failed.
    Fail,
    /// It is called off.
    Cancel,
    /// Its files are deleted.
    Delete,
    /// An administrator takes everything of it back.
    Reset,
}

/// The state after an event. `build` names the build in messages.
pub fn next(build: &str, state: BuildState, event: BuildEvent) -> Result<Step<BuildState>> {
    use BuildState::*;
    match (event, state) {
        (BuildEvent::Recycle { to: Building, same_task: true }, Building) => Ok(Step::Already),
        (BuildEvent::Recycle { .. }, Building) => {
            Err(Error::generic(format!("Build already in progress: {build}")))
        }
        (BuildEvent::Recycle { to, .. }, Failed | Canceled) => Ok(Step::To(to)),
        (BuildEvent::Recycle { .. }, Complete | Deleted) => {
            Err(Error::generic(format!("Build already exists: {build} is {state}")))
        }
        (BuildEvent::Complete, Building) => Ok(Step::To(Complete)),
        (BuildEvent::Fail, Building) => Ok(Step::To(Failed)),
        (BuildEvent::Complete | BuildEvent::Fail, _) => {
            Err(Error::generic(format!("Build {build} is not in BUILDING state, but {state}")))
        }
        (BuildEvent::Cancel, Building) => Ok(Step::To(Canceled)),
        (BuildEvent::Cancel, _) => Ok(Step::No),
        (BuildEvent::Delete, Deleted) => Ok(Step::Already),
        (BuildEvent::Delete, _) => Ok(Step::To(Deleted)),
        (BuildEvent::Reset, _) => Ok(Step::To(Canceled)),
    }
}

#[cfg(test)]
mod tests {
    use super::BuildState::*;
    use super::*;

    #[test]
    fn only_what_is_building_ends() {
        assert_eq!(next("a-1-1", Building, BuildEvent::Complete).unwrap(), Step::To(Complete));
        assert_eq!(next("a-1-1", Building, BuildEvent::Cancel).unwrap(), Step::To(Canceled));
        assert_eq!(next("a-1-1", Complete, BuildEvent::Cancel).unwrap(), Step::No);
        for state in [Complete, Deleted, Failed, Canceled] {
            assert!(next("a-1-1", state, BuildEvent::Fail).unwrap_err().message.contains(state.name()));
        }
    }

    #[test]
    fn names_are_used_again_after_failure_only() {
        let recycle = |state, to, same_task| next("a-1-1", state, BuildEvent::Recycle { to, same_task });
        assert_eq!(recycle(Failed, Building, false).unwrap(), Step::To(Building));
        assert_eq!(recycle(Canceled, Complete, false).unwrap(), Step::To(Complete));
        assert_eq!(recycle(Building, Building, true).unwrap(), Step::Already);
        assert!(recycle(Building, Complete, true).is_err());
        assert!(recycle(Building, Building, false).is_err());
        assert!(recycle(Deleted, Building, false).is_err());
    }

    #[test]
    fn deleting_and_resetting() {
        assert_eq!(next("a-1-1", Complete, BuildEvent::Delete).unwrap(), Step::To(Deleted));
        assert_eq!(next("a-1-1", Deleted, BuildEvent::Delete).unwrap(), Step::Already);
        assert_eq!(next("a-1-1", Deleted, BuildEvent::Reset).unwrap(), Step::To(Canceled));
    }
}
