//! The role that looks how the followed tasks stand, once for all followers.

use std::time::{Duration, Instant};

use koji_core::task::standing;

use super::Events;
use super::follower::{Follower, Logs};
use crate::roles::Look;

/// How often followers are told at most: people read it.
const PAUSE: Duration = Duration::from_millis(100);

impl Events {
    /// What the role does. Without followers that is nothing.
    pub fn look(&self) -> Look {
        let (events, mut last) = (self.clone(), Instant::now());
        Box::new(move |hub, _| {
            // whoever comes meanwhile is looked at next time
            let mut followers = events.take();
            if followers.is_empty() {
                return Ok(());
            }
            std::thread::sleep(PAUSE.saturating_sub(last.elapsed()));
            last = Instant::now();
            let mut roots: Vec<i64> = followers.iter().flat_map(|follower| follower.tasks.clone()).collect();
            roots.sort_unstable();
            roots.dedup();
            let found = hub.glance(|cx| {
                let tasks = standing::of_families(cx, &roots)?;
                let mut logs = Logs::new();
                for task in &tasks {
                    let wanted = followers.iter().any(|follower| follower.wants_logs(task));
                    if wanted && !logs.contains_key(&task.id) {
                        logs.insert(task.id, standing::logs(cx, task.id)?);
                    }
                }
                Ok((tasks, logs))
            });
            if let Ok((tasks, logs)) = &found {
                followers.retain_mut(|follower| follower.tell(tasks, logs));
            }
            events.put_back(followers);
            found.map(drop)
        })
    }

    fn take(&self) -> Vec<Follower> {
        let mut kept = self.lock();
        let mut followers = std::mem::take(&mut kept.list);
        followers.retain(|follower| !follower.is_gone());
        kept.looked_for = followers.len();
        followers
    }

    fn put_back(&self, mut followers: Vec<Follower>) {
        let mut kept = self.lock();
        kept.looked_for = 0;
        if !kept.closed {
            kept.list.append(&mut followers);
        }
    }
}
