//! The decision, a pure function: which free task goes to which host, and why the others wait.
//!
//! A host can take a task if it serves the task's channel, has its arch and room for it, and has not refused it.
//! Of those that can, the one with the least to do gets it, where also counts what else waits for it.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::rc::Rc;

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
    let options = all_options(scene, &bins);
    for (task, options) in scene.tasks.iter().zip(&options) {
        let Ok(able) = options else { continue };
        for host in &able.hosts {
            busy[*host].demand += task.weight / able.hosts.len() as f64;
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
            Ok(able) => give(scene.overcommit, &mut busy, task, &able, &mut plan),
        }
    }
    plan
}

/// Gives a task to the host with the least to do that still has room.
fn give(overcommit: f64, busy: &mut [Busy], task: &Task, able: &Able, plan: &mut Plan) {
    let has_room = |host: &&usize| busy[**host].host.room(task, overcommit).is_ok();
    let least = |a: &&usize, b: &&usize| busy[**a].rank().total_cmp(&busy[**b].rank());
    let candidates = if able.full.get() { &[][..] } else { &able.hosts };
    let Some(place) = candidates.iter().filter(has_room).min_by(least).copied() else {
        able.full.set(true);
        plan.waiting.push((task.id, Reason::Priority));
        return;
    };
    let chosen = &mut busy[place];
    plan.assigned.push(Assignment {
        task: task.id,
        host: chosen.host.id,
        rank: chosen.rank(),
        options: able.hosts.len(),
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
type Options = Result<Rc<Able>, Lack>;

/// Hosts that could take tasks of a kind.
struct Able {
    hosts: Vec<usize>,
    /// Whether none of them has room any more: it does not come back while we decide
    full: Cell<bool>,
}

/// What decides on the options of a task that nobody has refused: tasks that are alike have the same.
type Likeness<'s> = (i64, &'s str, u64, u64, i64);

/// The options of all tasks.
fn all_options(scene: &Scene, bins: &Bins<'_>) -> Vec<Options> {
    let mut known: HashMap<Likeness<'_>, Options> = HashMap::new();
    let mut of_task = |task| {
        let Task { id, channel, arch, weight, memory_mb, leaves, .. }: &Task = task;
        if scene.refusals.contains_key(id) {
            return options(scene, bins, task);
        }
        let likeness = (*channel, arch.as_str(), weight.to_bits(), memory_mb.to_bits(), *leaves);
        known.entry(likeness).or_insert_with(|| options(scene, bins, task)).clone()
    };
    scene.tasks.iter().map(&mut of_task).collect()
}

fn options(scene: &Scene, bins: &Bins<'_>, task: &Task) -> Options {
    if !bins.channels.contains(&task.channel) {
        return Err(Lack::Channel);
    }
    let mut nearest = Lack::Arch;
    let mut able = Vec::new();
    for place in bins.hosts.get(&(task.channel, task.arch.as_str())).into_iter().flatten() {
        match scene.lack_of_peer(&scene.hosts[*place], task) {
            Ok(()) => able.push(*place),
            Err(lack) => nearest = nearest.max(lack),
        }
    }
    if able.is_empty() {
        return Err(nearest);
    }
    Ok(Rc::new(Able { hosts: able, full: Cell::new(false) }))
}

#[cfg(test)]
mod tests;
