//! Following tasks and the tasks below them: pure state. The caller asks the hub, sleeps and prints.

use std::collections::BTreeMap;

use crate::wire::Value;

use super::label::task_label;
use super::member::field;

/// The states of a task, by their numbers on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "Koji's own names")]
pub enum State {
    Free = 0,
    Open = 1,
    Closed = 2,
    Canceled = 3,
    Assigned = 4,
    Failed = 5,
}

impl State {
    /// The state of a number.
    pub fn from_number(number: i64) -> Option<Self> {
        use State::{Assigned, Canceled, Closed, Failed, Free, Open};
        [Free, Open, Closed, Canceled, Assigned, Failed].into_iter().find(|state| *state as i64 == number)
    }

    /// Koji's name of it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Free => "FREE",
            Self::Open => "OPEN",
            Self::Closed => "CLOSED",
            Self::Canceled => "CANCELED",
            Self::Assigned => "ASSIGNED",
            Self::Failed => "FAILED",
        }
    }

    /// Whether nothing follows.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Closed | Self::Canceled | Self::Failed)
    }
}

/// One followed task.
#[derive(Clone, Debug)]
pub struct Watched {
    /// The task's id.
    pub id: i64,
    /// How deep below a task that the caller named; those are 0.
    pub level: usize,
    /// The last description, if there was one.
    pub info: Option<Value>,
}

impl Watched {
    /// The state last seen.
    pub fn state(&self) -> Option<State> {
        self.info.as_ref().and_then(state_of)
    }

    /// Whether it has ended.
    pub fn is_done(&self) -> bool {
        self.state().is_some_and(State::is_final)
    }

    /// Its id and label, indented by its level.
    pub fn title(&self) -> String {
        let indent = "  ".repeat(self.level);
        match &self.info {
            Some(info) => format!("{indent}{} {}", self.id, task_label(info)),
            None => format!("{indent}{}", self.id),
        }
    }
}

/// The state in a task's description.
pub fn state_of(info: &Value) -> Option<State> {
    field(info, "state").as_int().and_then(State::from_number)
}

/// What a new description of a task meant.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// It was seen for the first time.
    First,
    /// Nothing new.
    Same,
    /// Its state changed; the former description is here.
    Moved(Value),
}

/// How many tasks are in which phase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Waiting for a builder.
    pub free: usize,
    /// With a builder.
    pub open: usize,
    /// Closed or canceled.
    pub done: usize,
    /// Failed.
    pub failed: usize,
}

/// All followed tasks, in the order they were met.
#[derive(Clone, Debug, Default)]
pub struct TaskWatch {
    tasks: Vec<Watched>,
    places: BTreeMap<i64, usize>,
}

impl TaskWatch {
    /// Follows these tasks.
    pub fn new(ids: impl IntoIterator<Item = i64>) -> Self {
        let mut watch = Self::default();
        for id in ids {
            watch.add(id, 0);
        }
        watch
    }

    /// The tasks.
    pub fn tasks(&self) -> &[Watched] {
        &self.tasks
    }

    /// One task.
    pub fn get(&self, id: i64) -> Option<&Watched> {
        self.places.get(&id).and_then(|place| self.tasks.get(*place))
    }

    /// Follows another task below one; false if it was followed already.
    pub fn add_child(&mut self, parent: i64, id: i64) -> bool {
        let level = self.get(parent).map_or(0, |task| task.level + 1);
        self.add(id, level)
    }

    fn add(&mut self, id: i64, level: usize) -> bool {
        if self.places.contains_key(&id) {
            return false;
        }
        self.places.insert(id, self.tasks.len());
        self.tasks.push(Watched { id, level, info: None });
        true
    }

    /// Takes in a new description; a task that had ended keeps its last one.
    pub fn update(&mut self, id: i64, info: Value) -> Change {
        let Some(task) = self.places.get(&id).and_then(|place| self.tasks.get_mut(*place)) else {
            return Change::Same;
        };
        if task.is_done() {
            return Change::Same;
        }
        let moved = task.state() != state_of(&info);
        match task.info.replace(info) {
            None => Change::First,
            Some(former) if moved => Change::Moved(former),
            Some(_) => Change::Same,
        }
    }

    /// Whether all have ended.
    pub fn all_done(&self) -> bool {
        self.tasks.iter().all(Watched::is_done)
    }

    /// Whether a task that the caller named ended other than well.
    pub fn any_failed(&self) -> bool {
        self.tasks.iter().any(|task| task.level == 0 && task.is_done() && task.state() != Some(State::Closed))
    }

    /// Counts the tasks by phase.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for state in self.tasks.iter().filter_map(Watched::state) {
            match state {
                State::Free => tally.free += 1,
                State::Open | State::Assigned => tally.open += 1,
                State::Closed | State::Canceled => tally.done += 1,
                State::Failed => tally.failed += 1,
            }
        }
        tally
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(state: State) -> Value {
        Value::Struct(vec![
            ("state".into(), Value::Int(state as i64)),
            ("method".into(), Value::String("tagBuild".into())),
            ("arch".into(), Value::String("noarch".into())),
        ])
    }

    #[test]
    fn changes_are_told_once() {
        let mut watch = TaskWatch::new([7]);
        assert_eq!(watch.update(7, info(State::Free)), Change::First);
        assert_eq!(watch.update(7, info(State::Free)), Change::Same);
        assert_eq!(watch.update(7, info(State::Failed)), Change::Moved(info(State::Free)));
        assert_eq!(watch.update(7, info(State::Free)), Change::Same);
        assert!(watch.all_done() && watch.any_failed());
    }

    #[test]
    fn a_failed_child_does_not_fail_the_whole() {
        let mut watch = TaskWatch::new([7]);
        assert!(watch.add_child(7, 8));
        assert!(!watch.add_child(7, 8));
        watch.update(7, info(State::Closed));
        watch.update(8, info(State::Failed));
        assert!(!watch.any_failed());
        assert_eq!(watch.tally(), Tally { done: 1, failed: 1, ..Tally::default() });
        assert_eq!(watch.get(8).map(Watched::title).as_deref(), Some("  8 tagBuild (noarch)"));
    }
}
