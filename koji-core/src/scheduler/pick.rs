//! The decision, a pure function: which free task goes to which host, and why the others wait.
//!
//! A host can take a task if it serves the task's channel, has its arch and room for it, and has not refused it.
//! Of those that can, the one with the least to do gets it, where also counts what else waits for it.

use std::collections::{HashMap, HashSet};
use std::fmt;

use super::scene::{Host, Lack, Scene, Task};
use crate::arch::NOARCH;

/// That a task goes to a host.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// The task
    pub task: i64,
    /// The host
    pub host: i64,
    /// Why this one: what it had to do already, in load, tasks and demand
    pub rank: f64,
    /// Of how many hosts it was
    pub options: usize,
}

/// Why a task waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// What the hosts lack that come nearest to taking it.
    Lack(Lack),
    /// There was room, and tasks that come first have it.
    Priority,
}

impl From<Lack> for Reason {
    fn from(lack: Lack) -> Self {
        Self::Lack(lack)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lack(Lack::Channel) => "no enabled host serves its channel",
            Self::Lack(Lack::Arch) => "no host of its channel has its arch",
            Self::Lack(Lack::NotReady) => "no host that could take it is ready",
            Self::Lack(Lack::Refused) => "every host that is ready has refused it",
            Self::Lack(Lack::Jobs) => "every host that would take it has its maximum of tasks",
            Self::Lack(Lack::Capacity) => "no host that would take it has capacity left",
            Self::Lack(Lack::Memory) => "no host that would take it has enough memory left",
            Self::Priority => "tasks that come first took the room there was",
        })
    }
}

/// What was decided.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// The tasks that go to hosts, in their order
    pub assigned: Vec<Assignment>,
    /// The tasks that wait, with the reason
    pub waiting: Vec<(i64, Reason)>,
}

/// Decides.
pub fn pick(scene: &Scene) -> Plan {
    let mut busy: Vec<Busy> =
        scene.hosts.iter().map(|host| Busy { host: host.clone(), demand: 0.0 }).collect();
    let bins = Bins::new(&scene.hosts);
    let options: Vec<Result<Vec<usize>, Lack>> =
        scene.tasks.iter().map(|task| options(scene, &bins, task)).collect();
    for (task, options) in scene.tasks.iter().zip(&options) {
        for host in options.iter().flatten() {
            busy[*host].demand += task.weight / options.as_ref().map_or(1.0, |list| list.len() as f64);
        }
    }
    let demand: f64 = busy.iter().map(|host| host.demand).sum();
    if demand > 0.0 {
        busy.iter_mut().for_each(|host| host.demand /= demand);
    }
    let mut plan = Plan::default();
    for (task, options) in scene.tasks.iter().zip(options) {
        match options {
            Err(lack) => plan.waiting.push((task.id, lack.into())),
            Ok(options) => give(scene.overcommit, &mut busy, task, &options, &mut plan),
        }
    }
    plan
}

/// Gives a task to the host with the least to do that still has room.
fn give(overcommit: f64, busy: &mut [Busy], task: &Task, options: &[usize], plan: &mut Plan) {
    let has_room = |host: &&usize| busy[**host].host.room(task, overcommit).is_ok();
    let least = |a: &&usize, b: &&usize| busy[**a].rank().total_cmp(&busy[**b].rank());
    let Some(place) = options.iter().filter(has_room).min_by(least).copied() else {
        plan.waiting.push((task.id, Reason::Priority));
        return;
    };
    let chosen = &mut busy[place];
    plan.assigned.push(Assignment {
        task: task.id,
        host: chosen.host.id,
        rank: chosen.rank(),
        options: options.len(),
    });
    chosen.host.take(task);
}

/// What a host has to do.
struct Busy {
    host: Host,
    /// Its share of all that waits, from 0 to 1
    demand: f64,
}

impl Busy {
    fn rank(&self) -> f64 {
        self.host.load + self.host.tasks as f64 + self.demand
    }
}

/// The hosts by channel, and by channel and arch.
struct Bins<'s> {
    channels: HashSet<i64>,
    hosts: HashMap<(i64, &'s str), Vec<usize>>,
}

impl<'s> Bins<'s> {
    fn new(hosts: &'s [Host]) -> Self {
        let mut bins = Self { channels: HashSet::new(), hosts: HashMap::new() };
        for (place, host) in hosts.iter().enumerate() {
            for channel in &host.channels {
                bins.channels.insert(*channel);
                let arches: HashSet<&str> = host.arches.iter().map(String::as_str).chain([NOARCH]).collect();
                for arch in arches {
                    bins.hosts.entry((*channel, arch)).or_default().push(place);
                }
            }
        }
        bins
    }
}

/// The hosts that could take a task as things stand, or what those lack that come nearest to it.
fn options(scene: &Scene, bins: &Bins<'_>, task: &Task) -> Result<Vec<usize>, Lack> {
    if !bins.channels.contains(&task.channel) {
        return Err(Lack::Channel);
    }
    let mut nearest = Lack::Arch;
    let mut able = Vec::new();
    for place in bins.hosts.get(&(task.channel, task.arch.as_str())).into_iter().flatten() {
        match scene.lack(&scene.hosts[*place], task) {
            Ok(()) => able.push(*place),
            Err(lack) => nearest = nearest.max(lack),
        }
    }
    if able.is_empty() { Err(nearest) } else { Ok(able) }
}

#[cfg(test)]
mod tests;
