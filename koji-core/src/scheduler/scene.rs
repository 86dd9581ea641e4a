//! What is decided on: the hosts with what they have to do, the tasks that wait, and whether one can take another.

use std::collections::{HashMap, HashSet};
use std::fmt;

use crate::arch::NOARCH;

/// A host that is enabled.
#[derive(Clone, Debug, Default)]
pub struct Host {
    /// Its id
    pub id: i64,
    /// The enabled channels that it serves
    pub channels: Vec<i64>,
    /// The arches it builds for; `noarch` needs no mention
    pub arches: Vec<String>,
    /// The sum of weights that it bears
    pub capacity: f64,
    /// Whether it says that it can take tasks, and has been heard of lately
    pub ready: bool,
    /// How many tasks it takes
    pub max_jobs: i64,
    /// The weights of the tasks it has and that do not wait
    pub load: f64,
    /// How many tasks it has
    pub tasks: i64,
    /// How many of them make parts, for which they wait
    pub parents: i64,
    /// The memory in MiB that its tasks leave; None if the host does not tell what it has
    pub memory_mb: Option<f64>,
}

/// A task that waits for a host.
#[derive(Clone, Debug)]
pub struct Task {
    /// Its id
    pub id: i64,
    /// Its channel
    pub channel: i64,
    /// The arch it needs
    pub arch: String,
    /// The load it will put on its host, as far as that is known
    pub weight: f64,
    /// The user who asked for it
    pub owner: i64,
    /// The smallest goes first
    pub priority: i64,
    /// The memory in MiB that its like needed at most; zero if nobody knows
    pub memory_mb: f64,
    /// How long its like took, in seconds
    pub duration_s: f64,
    /// How many places of a host it leaves to tasks further down; zero if it makes no parts
    pub leaves: i64,
}

/// All that is to be decided on.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// The hosts; among equals the first gets a task
    pub hosts: Vec<Host>,
    /// The tasks; the first are served first
    pub tasks: Vec<Task>,
    /// The hosts that have refused a task
    pub refusals: HashMap<i64, HashSet<i64>>,
    /// How far a task may go beyond a host's capacity
    pub overcommit: f64,
}

/// What a host lacks for a task, in the order in which it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lack {
    /// It does not serve the task's channel, or the channel is disabled.
    Channel,
    /// It has not the task's arch.
    Arch,
    /// It is not ready.
    NotReady,
    /// It has refused the task.
    Refused,
    /// It has as many tasks as it takes.
    Jobs,
    /// It has no capacity left.
    Capacity,
    /// It has not the memory that the task's like needed.
    Memory,
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Channel => "does not serve the channel",
            Self::Arch => "has not the arch",
            Self::NotReady => "is not ready",
            Self::Refused => "has refused the task",
            Self::Jobs => "has its maximum of tasks",
            Self::Capacity => "has no capacity left",
            Self::Memory => "has not enough memory left",
        })
    }
}

impl Host {
    /// Whether it serves the channel.
    pub fn serves(&self, channel: i64) -> bool {
        self.channels.contains(&channel)
    }

    /// Whether it builds for the arch.
    pub fn has_arch(&self, arch: &str) -> bool {
        arch == NOARCH || self.arches.iter().any(|own| own == arch)
    }

    /// Whether there may be a task that it has room for.
    pub fn is_open(&self) -> bool {
        self.ready && self.tasks < self.max_jobs && self.load < self.capacity
    }

    /// It has one task more.
    pub fn take(&mut self, task: &Task) {
        self.load += task.weight;
        self.tasks += 1;
        self.parents += i64::from(task.leaves > 0);
        self.memory_mb = self.memory_mb.map(|left| left - task.memory_mb);
    }

    /// What it lacks of the room that a task needs.
    pub fn room(&self, task: &Task, overcommit: f64) -> Result<(), Lack> {
        let needed = (task.weight - overcommit).max(0.0);
        let is_full_of_parents = task.leaves > 0 && self.parents >= (self.max_jobs - task.leaves).max(1);
        if self.tasks >= self.max_jobs || is_full_of_parents {
            Err(Lack::Jobs)
        } else if self.capacity - self.load <= needed {
            Err(Lack::Capacity)
        } else if self.tasks > 0 && self.memory_mb.is_some_and(|left| left < task.memory_mb) {
            // An idle host has all the memory it will ever have.
            Err(Lack::Memory)
        } else {
            Ok(())
        }
    }
}

impl Scene {
    /// The first thing that a host lacks for a task.
    pub fn lack(&self, host: &Host, task: &Task) -> Result<(), Lack> {
        if !host.serves(task.channel) {
            Err(Lack::Channel)
        } else if !host.has_arch(&task.arch) {
            Err(Lack::Arch)
        } else {
            self.lack_of_peer(host, task)
        }
    }

    /// The same of a host that has the channel and the arch.
    pub fn lack_of_peer(&self, host: &Host, task: &Task) -> Result<(), Lack> {
        if !host.ready {
            Err(Lack::NotReady)
        } else if self.refusals.get(&task.id).is_some_and(|hosts| hosts.contains(&host.id)) {
            Err(Lack::Refused)
        } else {
            host.room(task, self.overcommit)
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    //! Small scenes for the tests of what is decided.

    use super::*;

    pub fn host(id: i64, arches: &str) -> Host {
        Host {
            id,
            channels: vec![1],
            arches: arches.split_whitespace().map(str::to_owned).collect(),
            capacity: 2.0,
            ready: true,
            max_jobs: 15,
            ..Host::default()
        }
    }

    pub fn task(id: i64, arch: &str) -> Task {
        Task {
            id,
            channel: 1,
            arch: arch.to_owned(),
            weight: 1.0,
            owner: 1,
            priority: 20,
            memory_mb: 0.0,
            duration_s: 60.0,
            leaves: 0,
        }
    }

    pub fn scene(hosts: Vec<Host>, tasks: Vec<Task>) -> Scene {
        Scene { hosts, tasks, overcommit: 5.0, ..Scene::default() }
    }

    #[test]
    fn a_host_that_is_not_open_has_room_for_nothing() {
        let idle = host(1, "x86_64");
        assert!(idle.is_open());
        let full = [
            Host { tasks: idle.max_jobs, ..idle.clone() },
            Host { load: idle.capacity, ..idle.clone() },
            Host { ready: false, ..idle },
        ];
        for host in full {
            assert!(!host.is_open());
            let light = Task { weight: 0.0, ..task(1, "x86_64") };
            assert!(scene(vec![], vec![]).lack(&host, &light).is_err(), "{host:?}");
        }
    }
}
