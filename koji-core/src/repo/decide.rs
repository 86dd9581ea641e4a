//! What to do about repositories that there are: pure decisions over a few facts of each.
//!
//! A repository that is not made in time is a problem. A ready one expires when it is no longer current and has
//! lived long enough. What is expired or a problem goes when it has been so for a while and nothing uses it.

use super::state::RepoState;
use crate::task::state::TaskState;

/// How long repositories stay, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lifetimes {
    /// Being made
    pub init_s: f64,
    /// Ready, but not current, for builds
    pub repo_s: f64,
    /// Ready, but not current, for distribution
    pub dist_s: f64,
    /// Expired, or a problem
    pub expired_s: f64,
}

impl Default for Lifetimes {
    /// The defaults of kojira: two hours, and three times a week.
    fn default() -> Self {
        const WEEK_S: f64 = 7.0 * 24.0 * 3600.0;
        Self { init_s: 7200.0, repo_s: WEEK_S, dist_s: WEEK_S, expired_s: WEEK_S }
    }
}

/// What decides about a repository.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Facts {
    /// Its state
    pub state: RepoState,
    /// Whether it is one for distribution
    pub dist: bool,
    /// When it was begun, in seconds since the epoch
    pub creation_ts: Option<f64>,
    /// When its state changed last
    pub state_ts: Option<f64>,
    /// Whether its tag has not changed since
    pub current: bool,
    /// Whether it has other options than its tag asks for
    pub custom: bool,
    /// The state of the task that makes it
    pub task: Option<TaskState>,
    /// Whether no newer one of its tag is ready
    pub latest: bool,
    /// Whether a target builds with it
    pub target: bool,
    /// Whether a buildroot uses it
    pub used: bool,
}

/// The state that a repository is to get; None if it stays as it is.
pub fn decide(facts: &Facts, lifetimes: &Lifetimes, now: f64) -> Option<RepoState> {
    let age_s = |since: Option<f64>| since.map_or(f64::INFINITY, |since| now - since);
    match facts.state {
        RepoState::Init => {
            let failed = matches!(facts.task, Some(TaskState::Canceled | TaskState::Failed));
            (failed || age_s(facts.creation_ts) > lifetimes.init_s).then_some(RepoState::Problem)
        }
        RepoState::Ready => {
            let lifetime_s = if facts.dist { lifetimes.dist_s } else { lifetimes.repo_s };
            let kept = facts.latest && (facts.dist || (facts.target && !facts.custom));
            let is_current = facts.current && !facts.custom;
            let over = age_s(facts.state_ts) > lifetime_s;
            (over && !is_current && !kept).then_some(RepoState::Expired)
        }
        RepoState::Expired | RepoState::Problem => {
            let over = age_s(facts.state_ts) >= lifetimes.expired_s;
            (over && !facts.used).then_some(RepoState::Deleted)
        }
        RepoState::Deleted => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: f64 = 10_000_000.0;
    const READY: Facts = Facts {
        state: RepoState::Ready,
        dist: false,
        creation_ts: Some(0.0),
        state_ts: Some(0.0),
        current: false,
        custom: false,
        task: None,
        latest: false,
        target: true,
        used: false,
    };

    fn decided(facts: Facts) -> Option<RepoState> {
        decide(&facts, &Lifetimes::default(), NOW)
    }

    #[test]
    fn ready_ones_expire() {
        assert_eq!(decided(READY), Some(RepoState::Expired));
        assert_eq!(decided(Facts { state_ts: Some(NOW - 10.0), ..READY }), None);
        assert_eq!(decided(Facts { current: true, ..READY }), None);
        assert_eq!(decided(Facts { latest: true, ..READY }), None);
        assert_eq!(decided(Facts { latest: true, target: false, ..READY }), Some(RepoState::Expired));
        assert_eq!(decided(Facts { latest: true, target: false, dist: true, ..READY }), None);
        let custom = Facts { custom: true, current: true, latest: true, ..READY };
        assert_eq!(decided(custom), Some(RepoState::Expired));
    }

    #[test]
    fn failed_ones_are_a_problem() {
        let init = Facts { state: RepoState::Init, creation_ts: Some(NOW - 60.0), ..READY };
        assert_eq!(decided(init), None);
        assert_eq!(decided(Facts { task: Some(TaskState::Failed), ..init }), Some(RepoState::Problem));
        assert_eq!(decided(Facts { creation_ts: Some(NOW - 7201.0), ..init }), Some(RepoState::Problem));
        assert_eq!(decided(Facts { creation_ts: None, ..init }), Some(RepoState::Problem));
    }

    #[test]
    fn unused_ones_go() {
        let expired = Facts { state: RepoState::Expired, ..READY };
        assert_eq!(decided(expired), Some(RepoState::Deleted));
        assert_eq!(decided(Facts { used: true, ..expired }), None);
        assert_eq!(decided(Facts { state_ts: Some(NOW - 60.0), ..expired }), None);
        assert_eq!(decided(Facts { state: RepoState::Deleted, ..expired }), None);
    }
}
