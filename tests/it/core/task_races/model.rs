//! What should be true of tasks: a table of its own, not the hub's.

use std::collections::BTreeSet;

use State::{Assigned, Canceled, Closed, Failed, Free, Open};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Free,
    Open,
    Closed,
    Canceled,
    Assigned,
    Failed,
}

impl State {
    pub fn number(self) -> i64 {
        self as i64
    }

    pub fn is_finished(self) -> bool {
        matches!(self, Closed | Canceled | Failed)
    }
}

/// A task.
#[derive(Clone, Debug)]
pub struct Task {
    pub id: i64,
    pub state: State,
    /// The host that has it, or had it at its end
    pub host: Option<usize>,
    /// Whether the scheduler counts it as given out, and if so, whether that was long ago
    pub run: Option<Run>,
    pub refused_by: BTreeSet<usize>,
    /// How often a host ended it
    pub ends: usize,
    /// How often an admin gave it out again although it was over
    pub revivals: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    New,
    Old,
}

/// What a call should answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Yes,
    /// Not for you: nil or false
    No,
    Fault,
}

impl Task {
    pub fn new(id: i64) -> Self {
        Self { id, state: Free, host: None, run: None, refused_by: BTreeSet::new(), ends: 0, revivals: 0 }
    }

    pub fn assign(&mut self, host: usize, force: bool, by_override: bool) -> Answer {
        let may = force || self.state == Free || self.state == Assigned && self.host == Some(host);
        if !may {
            return Answer::No;
        }
        self.revivals += usize::from(self.state.is_finished());
        (self.state, self.host) = (Assigned, Some(host));
        self.run = (!by_override).then_some(Run::New);
        Answer::Yes
    }

    pub fn open(&mut self, host: usize) -> Answer {
        if self.state == Free || self.state == Assigned && self.host == Some(host) {
            (self.state, self.host) = (Open, Some(host));
            return Answer::Yes;
        }
        Answer::No
    }

    pub fn end(&mut self, host: usize, state: State) -> Answer {
        if self.state != Open || self.host != Some(host) {
            return Answer::Fault;
        }
        self.state = state;
        self.ends += 1;
        Answer::Yes
    }

    pub fn give_back(&mut self, host: usize) -> Answer {
        if self.state == Open && self.host == Some(host) {
            self.free();
        }
        Answer::Yes
    }

    pub fn refuse(&mut self, host: usize) -> Answer {
        if self.host != Some(host) {
            return Answer::Yes;
        }
        if self.state.is_finished() {
            return Answer::Fault;
        }
        self.refused_by.insert(host);
        self.free();
        Answer::Yes
    }

    pub fn free_by_admin(&mut self) -> Answer {
        if self.state == Free || self.state.is_finished() {
            return Answer::Fault;
        }
        self.free();
        Answer::Yes
    }

    pub fn cancel(&mut self) -> Answer {
        if !self.state.is_finished() {
            self.state = Canceled;
        }
        Answer::Yes
    }

    fn free(&mut self) {
        (self.state, self.host) = (Free, None);
    }

    /// What a whole run of the scheduler does to a task that it did not just give out: it looks after hosts that do
    /// nothing with it. `alive` tells whether its host is.
    pub fn look_after(&mut self, alive: &[bool]) {
        let host = self.host.filter(|_| matches!(self.state, Assigned | Open));
        if let (Some(host), Some(run)) = (host, self.run) {
            match (self.state, run) {
                (Assigned, Run::Old) => {
                    if alive[host] {
                        // it has reported since, so it does not want the task
                        self.refused_by.insert(host);
                    }
                    self.free();
                }
                (Open, _) if !alive[host] => self.free(),
                _ => {}
            }
        }
        self.end_run();
    }

    /// Runs of tasks that no host has are over.
    pub fn end_run(&mut self) {
        if !matches!(self.state, Assigned | Open) {
            self.run = None;
        }
    }

    /// The refusals of what is over are forgotten.
    pub fn forget(&mut self) {
        if self.state.is_finished() {
            self.refused_by.clear();
        }
    }
}
