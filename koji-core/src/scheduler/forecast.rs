//! When a waiting task will begin and end if nothing else happens, a pure function: tasks end when their like did,
//! and the room that they leave goes to the first that can use it.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::scene::{Host, Scene, Task};

/// Ends of tasks that are looked at before it is said that nobody can tell.
const MOST_ENDS: usize = 20_000;

/// A task that a host has.
#[derive(Clone, Debug)]
pub struct Running {
    /// The host
    pub host: i64,
    /// How much of the host's load it is
    pub weight: f64,
    /// The memory in MiB that its like needed
    pub memory_mb: f64,
    /// In how many seconds it should end
    pub left_s: f64,
    /// Whether it makes parts
    pub is_parent: bool,
}

/// In how many seconds a task of the scene begins; None if no host can ever take it, or nobody can tell.
pub fn begins_in(scene: &Scene, running: &[Running], id: i64) -> Option<f64> {
    let mut farm = Farm::new(scene, running);
    let mut freed = None;
    for _ in 0..MOST_ENDS {
        if farm.serve(freed).contains(&id) {
            return Some(farm.now_s);
        }
        freed = Some(farm.end_one()?);
    }
    None
}

/// The hosts and what waits, as time goes on.
struct Farm<'s> {
    scene: &'s Scene,
    now_s: f64,
    hosts: Vec<Host>,
    waiting: Vec<&'s Task>,
    ends: BinaryHeap<End>,
}

impl<'s> Farm<'s> {
    fn new(scene: &'s Scene, running: &[Running]) -> Self {
        let hosts = scene.hosts.clone();
        let end = |task: &Running| {
            let host = hosts.iter().position(|host| host.id == task.host)?;
            let Running { weight, memory_mb, left_s, .. } = *task;
            let is_parent = task.is_parent;
            Some(End { at_s: left_s.max(0.0), host, weight, memory_mb, is_parent })
        };
        let ends = running.iter().filter_map(end).collect();
        Self { scene, now_s: 0.0, hosts, waiting: scene.tasks.iter().collect(), ends }
    }

    /// Gives what waits to hosts that have room: to any, or to the one that a task has left. What found one.
    fn serve(&mut self, freed: Option<usize>) -> Vec<i64> {
        let Self { scene, now_s, hosts, waiting, ends } = self;
        let mut served = Vec::new();
        waiting.retain(|task| {
            let able = |place: &usize| scene.lack(&hosts[*place], task).is_ok();
            let least = |a: &usize, b: &usize| rank(&hosts[*a]).total_cmp(&rank(&hosts[*b]));
            let host = match freed {
                Some(place) => Some(place).filter(able),
                None => (0..hosts.len()).filter(able).min_by(least),
            };
            let Some(host) = host else { return true };
            hosts[host].take(task);
            let Task { weight, memory_mb, duration_s, .. } = **task;
            let is_parent = task.leaves > 0;
            ends.push(End { at_s: *now_s + duration_s, host, weight, memory_mb, is_parent });
            served.push(task.id);
            false
        });
        served
    }

    /// Lets the next task end; its host. None if nothing runs.
    fn end_one(&mut self) -> Option<usize> {
        let end = self.ends.pop()?;
        self.now_s = end.at_s;
        let host = &mut self.hosts[end.host];
        host.load -= end.weight;
        host.tasks -= 1;
        host.parents -= i64::from(end.is_parent);
        host.memory_mb = host.memory_mb.map(|left| left + end.memory_mb);
        Some(end.host)
    }
}

fn rank(host: &Host) -> f64 {
    host.load + host.tasks as f64
}

/// The end of a task; the earliest is the greatest, as the heap wants it.
struct End {
    at_s: f64,
    host: usize,
    weight: f64,
    memory_mb: f64,
    is_parent: bool,
}

impl Ord for End {
    fn cmp(&self, other: &Self) -> Ordering {
        other.at_s.total_cmp(&self.at_s).then_with(|| other.host.cmp(&self.host))
    }
}

impl PartialOrd for End {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for End {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for End {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheduler::scene::tests::{host, scene, task};

    #[test]
    fn a_free_host_takes_it_at_once() {
        let scene = scene(vec![host(1, "x86_64")], vec![task(10, "x86_64")]);
        assert_eq!(begins_in(&scene, &[], 10), Some(0.0));
    }

    #[test]
    fn the_queue_moves_up_as_tasks_end() {
        let mut one = host(1, "x86_64");
        (one.max_jobs, one.tasks, one.load) = (1, 1, 1.0);
        let lasting = |id, duration_s| Task { duration_s, ..task(id, "x86_64") };
        let scene = scene(vec![one], vec![lasting(10, 300.0), lasting(11, 60.0)]);
        let running = [Running { host: 1, weight: 1.0, memory_mb: 0.0, left_s: 40.0, is_parent: false }];
        assert_eq!(begins_in(&scene, &running, 10), Some(40.0));
        assert_eq!(begins_in(&scene, &running, 11), Some(340.0));
    }

    #[test]
    fn what_no_host_can_take_never_begins() {
        let scene = scene(vec![host(1, "x86_64")], vec![task(10, "s390x")]);
        assert_eq!(begins_in(&scene, &[], 10), None);
    }
}
