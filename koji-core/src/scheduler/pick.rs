//! The decision, a pure function: which free task goes to which host, and why the others wait.
//!
//! A host can take a task if it serves the task's channel, has its arch and room for it, and has not refused it.
//! Of those that can, the one with the least to do gets it, where also counts what else waits for it.

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// No enabled host serves its channel, or the channel is disabled.
    Channel,
    /// No host of the channel has its arch.
    Arch,
    /// No such host is ready.
    NotReady,
    /// All that are ready have refused it.
    Refused,
    /// All that would take it have as many tasks as they take.
    Jobs,
    /// None that would take it has capacity left.
    Capacity,
    /// There was room, and tasks that come first have it.
    Priority,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Channel => "no enabled host serves its channel",
            Self::Arch => "no host of its channel has its arch",
            Self::NotReady => "no host that could take it is ready",
            Self::Refused => "every host that is ready has refused it",
            Self::Jobs => "every host that would take it has its maximum of tasks",
            Self::Capacity => "no host that would take it has capacity left",
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
        scene.hosts.iter().map(|host| Busy { load: host.load, tasks: host.tasks, demand: 0.0 }).collect();
    let bins = Bins::new(&scene.hosts);
    let options: Vec<Result<Vec<usize>, Reason>> =
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
            Err(reason) => plan.waiting.push((task.id, reason)),
            Ok(options) => give(scene, &mut busy, task, &options, &mut plan),
        }
    }
    plan
}

/// Gives a task to the host with the least to do that still has room.
fn give(scene: &Scene, busy: &mut [Busy], task: &Task, options: &[usize], plan: &mut Plan) {
    let has_room = |host: &&usize| {
        let room = room(scene, &scene.hosts[**host], busy[**host].load, busy[**host].tasks, task);
        room.is_ok()
    };
    let least = |a: &&usize, b: &&usize| busy[**a].rank().total_cmp(&busy[**b].rank());
    let Some(host) = options.iter().filter(has_room).min_by(least).copied() else {
        plan.waiting.push((task.id, Reason::Priority));
        return;
    };
    let rank = busy[host].rank();
    plan.assigned.push(Assignment {
        task: task.id,
        host: scene.hosts[host].id,
        rank,
        options: options.len(),
    });
    busy[host].load += task.weight;
    busy[host].tasks += 1;
}

/// What a host has to do.
struct Busy {
    load: f64,
    tasks: i64,
    /// Its share of all that waits, from 0 to 1
    demand: f64,
}

impl Busy {
    fn rank(&self) -> f64 {
        self.load + self.tasks as f64 + self.demand
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

/// The hosts that could take a task as things stand, or what keeps the last of them from it.
fn options(scene: &Scene, bins: &Bins<'_>, task: &Task) -> Result<Vec<usize>, Reason> {
    if !bins.channels.contains(&task.channel) {
        return Err(Reason::Channel);
    }
    let mut hosts = bins.hosts.get(&(task.channel, task.arch.as_str())).cloned().ok_or(Reason::Arch)?;
    hosts.retain(|host| scene.hosts[*host].ready);
    not_empty(&hosts, Reason::NotReady)?;
    if let Some(refused) = scene.refusals.get(&task.id) {
        hosts.retain(|host| !refused.contains(&scene.hosts[*host].id));
    }
    not_empty(&hosts, Reason::Refused)?;
    hosts.retain(|host| scene.hosts[*host].tasks < scene.hosts[*host].max_jobs);
    not_empty(&hosts, Reason::Jobs)?;
    hosts.retain(|host| {
        let host = &scene.hosts[*host];
        room(scene, host, host.load, host.tasks, task).is_ok()
    });
    not_empty(&hosts, Reason::Capacity)?;
    Ok(hosts)
}

fn not_empty(hosts: &[usize], reason: Reason) -> Result<(), Reason> {
    if hosts.is_empty() { Err(reason) } else { Ok(()) }
}

/// Whether a host with so much to do has room for one more task.
fn room(scene: &Scene, host: &Host, load: f64, tasks: i64, task: &Task) -> Result<(), Reason> {
    let needed = (task.weight - scene.overcommit).max(0.0);
    if tasks >= host.max_jobs {
        Err(Reason::Jobs)
    } else if host.capacity - load <= needed {
        Err(Reason::Capacity)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
