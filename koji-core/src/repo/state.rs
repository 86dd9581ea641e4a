//! The states of a repository: they only go upward, and deleted is the end.

use crate::numbered::{Step, numbered};
use crate::{Error, Result};

numbered! {
    /// A repository's state.
    RepoState, "repo state" {
        /// Being made.
        Init = 0 "INIT",
        /// Ready for use.
        Ready = 1 "READY",
        /// No longer the newest: not for new tasks.
        Expired = 2 "EXPIRED",
        /// Its files are gone, or will be.
        Deleted = 3 "DELETED",
        /// Could not be made, or is broken.
        Problem = 4 "PROBLEM",
    }
}

/// What follows when a repository is to get a state.
pub fn next(repo_id: i64, state: RepoState, wanted: RepoState) -> Result<Step<RepoState>> {
    if state == wanted {
        return Ok(Step::Already);
    }
    if state == RepoState::Deleted && wanted > state {
        return Err(Error::generic(format!("Repo {repo_id} is deleted")));
    }
    if wanted < state && wanted != RepoState::Deleted {
        let message = format!("Invalid repo state transition for repo {repo_id}: {state} -> {wanted}");
        return Err(Error::generic(message));
    }
    Ok(Step::To(wanted))
}

#[cfg(test)]
mod tests {
    use super::RepoState::*;
    use super::*;

    #[test]
    fn states_go_upward() {
        for (from, to) in
            [(Init, Ready), (Init, Problem), (Ready, Expired), (Expired, Deleted), (Problem, Deleted)]
        {
            assert_eq!(next(1, from, to).unwrap(), Step::To(to));
        }
        assert_eq!(next(1, Ready, Ready).unwrap(), Step::Already);
        assert_eq!(next(1, Deleted, Problem).unwrap_err().message, "Repo 1 is deleted");
        let message = next(1, Expired, Ready).unwrap_err().message;
        assert_eq!(message, "Invalid repo state transition for repo 1: EXPIRED -> READY");
        assert!(next(1, Deleted, Init).is_err() && next(1, Problem, Expired).is_err());
    }
}
