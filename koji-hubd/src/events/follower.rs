//! [`Follower`]: what somebody follows, and what he was told. He is told how things stand, not each step: whoever is slow
//! misses steps, and memory stays bounded.

use std::collections::{BTreeMap, BTreeSet};

use axum::response::sse::Event;
use koji_core::task::standing::Standing;
use koji_core::task::state::TaskState;
use serde::Serialize;
use tokio::sync::mpsc;

/// Somebody who follows tasks.
pub(super) struct Follower {
    /// The tasks that he named
    pub tasks: Vec<i64>,
    /// Whether he wants to know of their logs
    pub logs: bool,
    sender: mpsc::Sender<Event>,
    told: BTreeMap<i64, Standing>,
    told_logs: BTreeMap<(i64, String), u64>,
}

/// How far a log has grown.
#[derive(Serialize)]
struct LogNews<'a> {
    task_id: i64,
    name: &'a str,
    size: u64,
}

/// The logs of tasks with their sizes.
pub(super) type Logs = BTreeMap<i64, Vec<(String, u64)>>;

impl Follower {
    pub(super) fn new(tasks: Vec<i64>, logs: bool, sender: mpsc::Sender<Event>) -> Self {
        Self { tasks, logs, sender, told: BTreeMap::new(), told_logs: BTreeMap::new() }
    }

    /// Whether nobody listens any more.
    pub(super) fn is_gone(&self) -> bool {
        self.sender.is_closed()
    }

    /// Whether he still has to be told of a task's logs: of what ended it is said once more how they ended.
    pub(super) fn wants_logs(&self, task: &Standing) -> bool {
        let told = self.told.get(&task.id);
        self.logs && self.tasks.contains(&task.root) && !told.is_some_and(is_over)
    }

    /// Tells what is new. False if that was the last of it.
    pub(super) fn tell(&mut self, all: &[Standing], logs: &Logs) -> bool {
        let own: Vec<&Standing> = all.iter().filter(|task| self.tasks.contains(&task.root)).collect();
        for task in &own {
            if self.told.get(&task.id).is_some_and(|told| is_same(told, task)) {
                continue;
            }
            // logs first: who hears of the end need not look again
            if self.logs && !self.tell_logs(task.id, logs) || !self.send("task", task) {
                return true;
            }
            self.told.insert(task.id, (*task).clone());
        }
        let grown: BTreeSet<i64> =
            own.iter().map(|task| task.id).filter(|id| logs.contains_key(id)).collect();
        if self.logs && !grown.into_iter().all(|id| self.tell_logs(id, logs)) {
            return true;
        }
        // a task that is not there will not come
        let is_open = |root: &i64| own.iter().any(|task| task.id == *root && !is_over(task));
        if self.tasks.iter().any(is_open) {
            return true;
        }
        !self.send("end", &self.tasks)
    }

    fn tell_logs(&mut self, id: i64, logs: &Logs) -> bool {
        for (name, size) in logs.get(&id).into_iter().flatten() {
            let key = (id, name.clone());
            if self.told_logs.get(&key) == Some(size) {
                continue;
            }
            if !self.send("log", &LogNews { task_id: id, name, size: *size }) {
                return false;
            }
            self.told_logs.insert(key, *size);
        }
        true
    }

    /// False if there is no room: then he is told another time.
    fn send(&self, kind: &str, data: &impl Serialize) -> bool {
        match serde_json::to_string(data) {
            Ok(text) => self.sender.try_send(Event::default().event(kind).data(text)).is_ok(),
            Err(error) => {
                tracing::error!(%error, kind, "an event cannot be written");
                true
            }
        }
    }
}

fn is_over(task: &Standing) -> bool {
    TaskState::from_number(task.state).is_ok_and(TaskState::is_finished)
}

/// A task below two that are followed is told once.
fn is_same(one: &Standing, other: &Standing) -> bool {
    (one.state, one.host_id, one.waiting) == (other.state, other.host_id, other.waiting)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(id: i64, root: i64, state: i64) -> Standing {
        Standing { id, root, parent: None, state, method: None, host_id: None, waiting: None }
    }

    #[test]
    fn only_news_is_told_until_all_is_over() {
        let (sender, mut receiver) = mpsc::channel(64);
        let mut follower = Follower::new(vec![1], false, sender);
        let mut count = move || std::iter::from_fn(|| receiver.try_recv().ok()).count();
        assert!(follower.tell(&[task(1, 1, 0), task(7, 7, 0)], &Logs::new()));
        assert_eq!(count(), 1);
        assert!(follower.tell(&[task(1, 1, 0)], &Logs::new()));
        assert_eq!(count(), 0);
        assert!(follower.tell(&[task(1, 1, 1), task(2, 1, 0)], &Logs::new()));
        assert_eq!(count(), 2);
        assert!(!follower.tell(&[task(1, 1, 2), task(2, 1, 2)], &Logs::new()));
        assert_eq!(count(), 3);
    }

    #[test]
    fn who_is_slow_is_told_later_how_it_stands() {
        let (sender, mut receiver) = mpsc::channel(1);
        let mut follower = Follower::new(vec![1], true, sender);
        let logs = |size| Logs::from([(1, vec![("build.log".to_owned(), size)])]);
        assert!(follower.tell(&[task(1, 1, 1)], &logs(10)));
        assert!(follower.tell(&[task(1, 1, 2)], &logs(20)));
        // the size, the task and the end come one at a time
        let mut told = 0;
        while receiver.try_recv().is_ok() {
            told += 1;
            if !follower.tell(&[task(1, 1, 2)], &logs(20)) {
                break;
            }
        }
        assert_eq!(told, 3);
        assert!(receiver.try_recv().is_ok());
    }
}
