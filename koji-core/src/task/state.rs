//! The states of a task and how one follows another. Who may ask for it is for the caller to check, except
//! that only the host that has a task open may end it.

use crate::numbered::{Step, numbered};
use crate::{Error, Result};

numbered! {
    /// A task's state.
    TaskState, "task state" {
        /// Waits for a host.
        Free = 0 "FREE",
        /// A host works on it.
        Open = 1 "OPEN",
        /// Done.
        Closed = 2 "CLOSED",
        /// Called off.
        Canceled = 3 "CANCELED",
        /// A host is to open it.
        Assigned = 4 "ASSIGNED",
        /// Ended with a fault.
        Failed = 5 "FAILED",
    }
}

impl TaskState {
    /// Whether nothing more happens to the task.
    pub fn is_finished(self) -> bool {
        matches!(self, Self::Closed | Self::Canceled | Self::Failed)
    }
}

/// What of a task decides on its next state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The task, for messages.
    pub task_id: i64,
    /// Its state.
    pub state: TaskState,
    /// The host that has it.
    pub host_id: Option<i64>,
}

/// What happens to a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskEvent {
    /// It is given to a host; forced even if another has it.
    Assign {
        /// The host.
        host_id: i64,
        /// Whatever state it is in.
        force: bool,
    },
    /// A host begins with it.
    Open {
        /// The host.
        host_id: i64,
    },
    /// It goes back to wait for a host.
    Free,
    /// The host is done.
    Close {
        /// The host.
        host_id: i64,
    },
    /// The host ends it with a fault.
    Fail {
        /// The host.
        host_id: i64,
    },
    /// It is called off.
    Cancel,
}

/// The state and host after an event.
///
/// A host that asks for what it can't have gets [`Step::No`], for hosts race; freeing a finished task and
/// ending one that the host does not have open are errors.
pub fn next(held: Held, event: TaskEvent) -> Result<Step<Held>> {
    use TaskState::*;
    let to = |state, host_id| Ok(Step::To(Held { state, host_id, ..held }));
    match event {
        TaskEvent::Assign { host_id, force: true } => to(Assigned, Some(host_id)),
        TaskEvent::Assign { host_id, force: false } => match (held.state, held.host_id) {
            (Free, None) => to(Assigned, Some(host_id)),
            (Assigned, Some(holder)) if holder == host_id => Ok(Step::Already),
            _ => Ok(Step::No),
        },
        TaskEvent::Open { host_id } => match (held.state, held.host_id) {
            (Free, None) => to(Open, Some(host_id)),
            (Assigned, Some(holder)) if holder == host_id => to(Open, Some(host_id)),
            _ => Ok(Step::No),
        },
        TaskEvent::Free if held.state.is_finished() => {
            Err(Error::generic(format!("Cannot free task {}, state is {}", held.task_id, held.state)))
        }
        TaskEvent::Free => to(Free, None),
        TaskEvent::Close { host_id } => assert_open(held, host_id).and_then(|()| to(Closed, held.host_id)),
        TaskEvent::Fail { host_id } => assert_open(held, host_id).and_then(|()| to(Failed, held.host_id)),
        TaskEvent::Cancel => match held.state {
            Canceled => Ok(Step::Already),
            Closed | Failed => Ok(Step::No),
            Free | Open | Assigned => to(Canceled, held.host_id),
        },
    }
}

/// Only the host that has a task open may act for it.
pub fn assert_open(held: Held, host_id: i64) -> Result<()> {
    if held.state == TaskState::Open && held.host_id == Some(host_id) {
        return Ok(());
    }
    Err(Error::not_allowed(format!("host {host_id} does not own task {}", held.task_id)))
}

#[cfg(test)]
mod tests {
    use super::TaskState::*;
    use super::*;
    use crate::Fault;

    fn held(state: TaskState, host_id: Option<i64>) -> Held {
        Held { task_id: 9, state, host_id }
    }

    fn after(state: TaskState, host_id: Option<i64>, event: TaskEvent) -> Step<(TaskState, Option<i64>)> {
        match next(held(state, host_id), event).unwrap() {
            Step::To(held) => Step::To((held.state, held.host_id)),
            Step::Already => Step::Already,
            Step::No => Step::No,
        }
    }

    #[test]
    fn a_task_goes_its_way() {
        let assign = TaskEvent::Assign { host_id: 1, force: false };
        assert_eq!(after(Free, None, assign), Step::To((Assigned, Some(1))));
        assert_eq!(after(Assigned, Some(1), TaskEvent::Open { host_id: 1 }), Step::To((Open, Some(1))));
        assert_eq!(after(Free, None, TaskEvent::Open { host_id: 2 }), Step::To((Open, Some(2))));
        assert_eq!(after(Open, Some(1), TaskEvent::Close { host_id: 1 }), Step::To((Closed, Some(1))));
        assert_eq!(after(Open, Some(1), TaskEvent::Fail { host_id: 1 }), Step::To((Failed, Some(1))));
        assert_eq!(after(Open, Some(1), TaskEvent::Free), Step::To((Free, None)));
    }

    #[test]
    fn hosts_that_lose_a_race_are_told_no() {
        let assign = |force| TaskEvent::Assign { host_id: 1, force };
        assert_eq!(after(Assigned, Some(1), assign(false)), Step::Already);
        assert_eq!(after(Assigned, Some(2), assign(false)), Step::No);
        assert_eq!(after(Assigned, Some(2), assign(true)), Step::To((Assigned, Some(1))));
        assert_eq!(after(Free, Some(2), assign(false)), Step::No);
        for state in [Open, Closed, Canceled, Failed] {
            assert_eq!(after(state, Some(1), TaskEvent::Open { host_id: 1 }), Step::No, "{state}");
        }
    }

    #[test]
    fn only_the_holder_ends_an_open_task() {
        for (state, host) in [(Open, Some(2)), (Assigned, Some(1)), (Closed, Some(1)), (Free, None)] {
            for event in [TaskEvent::Close { host_id: 1 }, TaskEvent::Fail { host_id: 1 }] {
                let error = next(held(state, host), event).unwrap_err();
                assert_eq!(error.fault, Fault::NotAllowed);
                assert_eq!(error.message, "host 1 does not own task 9");
            }
        }
    }

    #[test]
    fn what_is_finished_stays_so() {
        assert_eq!(after(Canceled, None, TaskEvent::Cancel), Step::Already);
        assert_eq!(after(Closed, Some(1), TaskEvent::Cancel), Step::No);
        assert_eq!(after(Open, Some(1), TaskEvent::Cancel), Step::To((Canceled, Some(1))));
        for state in [Closed, Canceled, Failed] {
            let message = next(held(state, Some(1)), TaskEvent::Free).unwrap_err().message;
            assert_eq!(message, format!("Cannot free task 9, state is {state}"));
        }
    }
}
