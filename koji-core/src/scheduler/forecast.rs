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
}

/// In how many seconds a task of the scene begins; None if no host can ever take it, or nobody can tell.
pub fn begins_in(scene: &Scene, running: &[Running], id: i64) -> Option<f64> {
    let wanted = scene.tasks.iter().find(|task| task.id == id)?;
    let mut hosts: Vec<Host> = scene.hosts.clone();
    let place = |host: i64, hosts: &[Host]| hosts.iter().position(|one| one.id == host);
    let mut ends: BinaryHeap<End> = BinaryHeap::new();
    for task in running {
        if let Some(host) = place(task.host, &hosts) {
            ends.push(End {
                at_s: task.left_s.max(0.0),
                host,
                weight: task.weight,
                memory_mb: task.memory_mb,
            });
        }
    }
    let mut waiting: Vec<&Task> = scene.tasks.iter().collect();
    let mut now_s = 0.0;
    let mut freed: Option<usize> = None;
    for _ in 0..MOST_ENDS {
        if serve(scene, &mut hosts, &mut waiting, freed, now_s, &mut ends, wanted.id) {
            return Some(now_s);
        }
        let end = ends.pop()?;
        now_s = end.at_s;
        let host = &mut hosts[end.host];
        host.load -= end.weight;
        host.tasks -= 1;
        host.memory_mb = host.memory_mb.map(|left| left + end.memory_mb);
        freed = Some(end.host);
    }
    None
}

/// Gives what waits to hosts that have room: at first to all, then to the one that a task has left. Whether the
/// wanted task was among it.
fn serve(
    scene: &Scene,
    hosts: &mut [Host],
    waiting: &mut Vec<&Task>,
    freed: Option<usize>,
    now_s: f64,
    ends: &mut BinaryHeap<End>,
    wanted: i64,
) -> bool {
    let mut found = false;
    waiting.retain(|task| {
        let able = |place: &usize| scene.lack(&hosts[*place], task).is_ok();
        let least = |a: &usize, b: &usize| rank(&hosts[*a]).total_cmp(&rank(&hosts[*b]));
        let place = match freed {
            Some(place) => Some(place).filter(able),
            None => (0..hosts.len()).filter(able).min_by(least),
        };
        let Some(place) = place else { return true };
        hosts[place].take(task);
        ends.push(End {
            at_s: now_s + task.duration_s,
            host: place,
            weight: task.weight,
            memory_mb: task.memory_mb,
        });
        found |= task.id == wanted;
        false
    });
    found
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
        let running = [Running { host: 1, weight: 1.0, memory_mb: 0.0, left_s: 40.0 }];
        assert_eq!(begins_in(&scene, &running, 10), Some(40.0));
        assert_eq!(begins_in(&scene, &running, 11), Some(340.0));
    }

    #[test]
    fn what_no_host_can_take_never_begins() {
        let scene = scene(vec![host(1, "x86_64")], vec![task(10, "s390x")]);
        assert_eq!(begins_in(&scene, &[], 10), None);
    }
}
