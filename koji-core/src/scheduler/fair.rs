//! The order in which waiting tasks are served, a pure function: by priority, and among equals so that no user's
//! tasks crowd out another's.
//!
//! Of the tasks of one priority, that one comes next whose user has the least: the weights of what the user's tasks
//! have on the hosts already, and of what has come before it here. A user alone is served in the order of asking.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap, VecDeque};

use super::scene::Task;

/// Sorts tasks, which come in the order of asking. `loads` has the weights that each user's tasks have on hosts.
pub fn order(tasks: Vec<Task>, loads: &HashMap<i64, f64>) -> Vec<Task> {
    let mut by_priority: BTreeMap<i64, BTreeMap<i64, VecDeque<(usize, Task)>>> = BTreeMap::new();
    let count = tasks.len();
    for (turn, task) in tasks.into_iter().enumerate() {
        by_priority.entry(task.priority).or_default().entry(task.owner).or_default().push_back((turn, task));
    }
    let mut loads = loads.clone();
    let mut ordered = Vec::with_capacity(count);
    for mut owners in by_priority.into_values() {
        let mut next: BinaryHeap<Reverse<Claim>> = owners
            .iter()
            .filter_map(|(owner, tasks)| Some(Reverse(Claim::new(&loads, *owner, tasks.front()?.0))))
            .collect();
        while let Some(Reverse(claim)) = next.pop() {
            let Some(tasks) = owners.get_mut(&claim.owner) else { continue };
            let Some((_, task)) = tasks.pop_front() else { continue };
            *loads.entry(claim.owner).or_default() += task.weight;
            ordered.push(task);
            if let Some((turn, _)) = tasks.front() {
                next.push(Reverse(Claim::new(&loads, claim.owner, *turn)));
            }
        }
    }
    ordered
}

/// What a user's next task stands behind.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Claim {
    /// Thousandths of weight, which compare exactly
    load: i64,
    turn: usize,
    owner: i64,
}

impl Claim {
    fn new(loads: &HashMap<i64, f64>, owner: i64, turn: usize) -> Self {
        let load = loads.get(&owner).copied().unwrap_or_default();
        Self { load: (load * 1000.0) as i64, turn, owner }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheduler::scene;

    fn ids(tasks: &[(i64, i64, i64)], loads: &[(i64, f64)]) -> Vec<i64> {
        let task = |&(id, owner, priority): &(i64, i64, i64)| Task {
            owner,
            priority,
            ..scene::tests::task(id, "x86_64")
        };
        let ordered = order(tasks.iter().map(task).collect(), &loads.iter().copied().collect());
        ordered.iter().map(|task| task.id).collect()
    }

    #[test]
    fn a_user_alone_is_served_in_the_order_of_asking() {
        assert_eq!(ids(&[(1, 7, 20), (2, 7, 20), (3, 7, 19)], &[(7, 40.0)]), [3, 1, 2]);
    }

    #[test]
    fn a_mass_rebuild_leaves_others_their_turn() {
        let mut tasks: Vec<(i64, i64, i64)> = (1..=5).map(|id| (id, 7, 20)).collect();
        tasks.extend([(6, 8, 20), (7, 8, 20)]);
        assert_eq!(ids(&tasks, &[]), [1, 6, 2, 7, 3, 4, 5]);
        // what is running counts too
        assert_eq!(ids(&tasks, &[(7, 1.5)])[..3], [6, 7, 1]);
    }

    #[test]
    fn priority_stands_above_fairness() {
        assert_eq!(ids(&[(1, 7, 5), (2, 7, 5), (3, 8, 20)], &[(7, 9.0)]), [1, 2, 3]);
    }
}
