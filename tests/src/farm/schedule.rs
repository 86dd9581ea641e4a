//! What comes of a way to choose, over the whole of a rebuild: time goes from end to end of the tasks.
//!
//! A host that has more than its capacity is slower, and one whose tasks need more memory than it has, much slower: that
//! is the model in which ways to choose are compared. The scheduler's own functions decide; nothing else is theirs.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};

use koji_core::scheduler::estimate::{Kind, Runs, estimate};
use koji_core::scheduler::pick::{self, Assignment};
use koji_core::scheduler::scene::{Host, Scene, Task};
use koji_core::scheduler::{fair, parts};

use super::work::{Farm, REBUILDER};

/// Tasks that one look sees, and how many of them are judged by their like, as the hub's scheduler does.
const MOST_TASKS: usize = 1000;
const MOST_ESTIMATES: usize = 200;
/// What happens within this time is looked at together.
const GATHER_MS: u64 = 1000;
/// How much slower a host is whose memory does not suffice.
const SWAPPING: f64 = 2.0;
/// What a part weighs of which nothing is known.
const UNKNOWN_WEIGHT: f64 = 1.5;
const CHANNEL: i64 = 1;

/// Who chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The hub's scheduler
    Scheduler,
    /// The first host that has room gets the task that was asked for first
    FirstCome,
}

/// A task that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// The task
    pub task: i64,
    /// The host's number
    pub host: usize,
    /// When it was given the task, in milliseconds
    pub begin_ms: u64,
    /// When it ended
    pub end_ms: u64,
}

/// Who did what and when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// The tasks, in the order of their ends
    pub done: Vec<Done>,
    /// By user, from the asking for each package to its end, in milliseconds
    pub waits_ms: BTreeMap<i64, Vec<u64>>,
}

impl Schedule {
    /// When the rebuild, which the first user asked for, is done, in hours.
    pub fn makespan_h(&self) -> f64 {
        let waits = self.waits_ms.get(&REBUILDER).into_iter().flatten();
        waits.max().copied().unwrap_or_default() as f64 / 3_600_000.0
    }

    /// How long half of the packages of all other users took at most, in minutes.
    pub fn others_median_min(&self) -> f64 {
        let others = self.waits_ms.iter().filter(|(owner, _)| **owner != REBUILDER);
        let mut waits: Vec<u64> = others.flat_map(|(_, waits)| waits.clone()).collect();
        waits.sort_unstable();
        waits.get(waits.len() / 2).copied().unwrap_or_default() as f64 / 60_000.0
    }
}

/// Lets a farm do all its work.
pub fn run(farm: &Farm, choice: Choice) -> Schedule {
    let mut world = World::new(farm, choice);
    while world.step() {}
    world.schedule
}

/// What happens at some time.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// A package is asked for.
    Asked(usize),
    /// Something waits since the last look.
    Made,
    /// A task of a host ends.
    Ended { task: i64, host: usize, begin_ms: u64 },
}

struct World<'f> {
    farm: &'f Farm,
    choice: Choice,
    now_ms: u64,
    scene: Scene,
    /// What each host's tasks really take of its memory
    memory_mb: Vec<f64>,
    events: BinaryHeap<Reverse<(u64, Event)>>,
    /// Parts that have not ended, and the host that has the parent
    open: HashMap<usize, (usize, usize, u64)>,
    running: HashMap<i64, Task>,
    schedule: Schedule,
}

/// Task numbers tell the package and, from 1 on, the part.
fn number(package: usize, part: usize) -> i64 {
    (package * 8 + part) as i64
}

fn place(task: i64) -> (usize, usize) {
    (task as usize / 8, task as usize % 8)
}

impl<'f> World<'f> {
    fn new(farm: &'f Farm, choice: Choice) -> Self {
        let host = |(id, builder): (usize, &super::Builder)| Host {
            id: id as i64,
            channels: vec![CHANNEL],
            arches: vec![builder.arch.to_owned()],
            capacity: builder.capacity,
            ready: true,
            max_jobs: builder.max_jobs,
            memory_mb: Some(builder.memory_mb),
            ..Host::default()
        };
        let hosts = farm.builders.iter().enumerate().map(host).collect();
        let asked = |(id, package): (usize, &super::Package)| {
            Reverse(((package.asked_s * 1000.0) as u64, Event::Asked(id)))
        };
        Self {
            farm,
            choice,
            now_ms: 0,
            scene: Scene { hosts, overcommit: 5.0, ..Scene::default() },
            memory_mb: vec![0.0; farm.builders.len()],
            events: farm.packages.iter().enumerate().map(asked).collect(),
            open: HashMap::new(),
            running: HashMap::new(),
            schedule: Schedule::default(),
        }
    }

    /// All that happens next, then a look; false when nothing more happens.
    fn step(&mut self) -> bool {
        let Some(Reverse((first_ms, _))) = self.events.peek() else { return false };
        let until_ms = *first_ms + GATHER_MS;
        while let Some(Reverse((at_ms, _))) = self.events.peek()
            && *at_ms < until_ms
        {
            self.now_ms = *at_ms;
            match self.events.pop() {
                Some(Reverse((_, Event::Asked(package)))) => self.wait(package, 0),
                Some(Reverse((_, Event::Ended { task, host, begin_ms }))) => self.end(task, host, begin_ms),
                Some(Reverse((_, Event::Made))) | None => {}
            }
        }
        self.now_ms = until_ms;
        let plan = self.choose();
        for Assignment { task, host, .. } in &plan {
            self.begin(*task, *host as usize);
        }
        let begun: std::collections::HashSet<i64> = plan.iter().map(|one| one.task).collect();
        self.scene.tasks.retain(|task| !begun.contains(&task.id));
        true
    }

    fn choose(&mut self) -> Vec<Assignment> {
        self.scene.tasks.sort_by_key(|task| (task.priority, task.id));
        if self.choice == Choice::FirstCome {
            return first_come(&self.scene);
        }
        let mut loads: HashMap<i64, f64> = HashMap::new();
        for task in self.running.values().filter(|task| task.leaves == 0) {
            *loads.entry(task.owner).or_default() += task.weight;
        }
        let mut tasks = fair::order(self.seen(), &loads);
        for task in tasks.iter_mut().skip(MOST_ESTIMATES).filter(|task| task.leaves == 0) {
            (task.weight, task.memory_mb) = (UNKNOWN_WEIGHT, 0.0);
        }
        let scene = Scene { tasks, hosts: self.scene.hosts.clone(), overcommit: 5.0, ..Scene::default() };
        pick::pick(&scene).assigned
    }

    /// The tasks that a look sees: of those that are alike, each user has a share.
    fn seen(&self) -> Vec<Task> {
        let mut turns: HashMap<(i64, &str, i64), usize> = HashMap::new();
        let mut ranked: Vec<(i64, usize, &Task)> = Vec::with_capacity(self.scene.tasks.len());
        for task in &self.scene.tasks {
            let turn = turns.entry((task.priority, &task.arch, task.owner)).or_default();
            *turn += 1;
            ranked.push((task.priority, *turn, task));
        }
        ranked.sort_by_key(|(priority, turn, task)| (*priority, *turn, task.id));
        ranked.truncate(MOST_TASKS);
        ranked.sort_by_key(|(priority, _, task)| (*priority, task.id));
        ranked.into_iter().map(|(_, _, task)| task.clone()).collect()
    }

    /// A package's task, or one of its parts, waits for a host.
    fn wait(&mut self, package: usize, part: usize) {
        let asked = &self.farm.packages[package];
        let method = if part == 0 { "build" } else { "buildArch" };
        let mut task = Task {
            id: number(package, part),
            channel: CHANNEL,
            arch: "noarch".to_owned(),
            weight: 0.2,
            owner: asked.owner,
            priority: if part == 0 { 20 } else { 19 },
            memory_mb: 0.0,
            duration_s: 0.0,
            leaves: parts::leaves(method, part > 0),
        };
        if part > 0 {
            let needed = &asked.parts[part - 1];
            let source = format!("tasks/1/{}-1-1.src.rpm", asked.name);
            let mut runs = Runs::default();
            runs.add(needed.duration_s, Some(needed.memory_mb));
            let known = estimate(&Kind::new(method, needed.arch, &[source.as_str().into()]), Some(&runs));
            task.arch = needed.arch.to_owned();
            task.weight = known.weight.unwrap_or(UNKNOWN_WEIGHT);
            task.duration_s = known.duration_s;
            // whoever serves what comes first knows nothing of memory
            task.memory_mb = if self.choice == Choice::Scheduler { known.memory_mb } else { 0.0 };
        }
        self.scene.tasks.push(task);
    }

    fn begin(&mut self, id: i64, host: usize) {
        let Some(task) = self.scene.tasks.iter().find(|task| task.id == id).cloned() else { return };
        let (package, part) = place(id);
        self.scene.hosts[host].take(&task);
        self.running.insert(id, task.clone());
        if part == 0 {
            // it waits from now on, and what waits weighs nothing
            self.scene.hosts[host].load -= task.weight;
            let parts = self.farm.packages[package].parts.len();
            self.open.insert(package, (parts, host, self.now_ms));
            (1..=parts).for_each(|part| self.wait(package, part));
            self.events.push(Reverse((self.now_ms, Event::Made)));
            return;
        }
        let (builder, needed) = (&self.farm.builders[host], &self.farm.packages[package].parts[part - 1]);
        self.memory_mb[host] += needed.memory_mb;
        let crowd = (self.scene.hosts[host].load / builder.capacity).max(1.0);
        let swapping = if self.memory_mb[host] > builder.memory_mb { SWAPPING } else { 1.0 };
        let takes_s = needed.duration_s / builder.speed * crowd * swapping;
        let end_ms = self.now_ms + (takes_s * 1000.0) as u64 + 1;
        self.events.push(Reverse((end_ms, Event::Ended { task: id, host, begin_ms: self.now_ms })));
    }

    fn end(&mut self, id: i64, host: usize, begin_ms: u64) {
        let (package, part) = place(id);
        self.leave(id, host, begin_ms);
        self.memory_mb[host] -= self.farm.packages[package].parts[part - 1].memory_mb;
        let Some((left, parent_host, parent_ms)) = self.open.get_mut(&package) else { return };
        *left -= 1;
        if *left > 0 {
            return;
        }
        let (parent_host, parent_ms) = (*parent_host, *parent_ms);
        self.open.remove(&package);
        self.scene.hosts[parent_host].load += 0.2;
        self.leave(number(package, 0), parent_host, parent_ms);
        let asked = &self.farm.packages[package];
        let wait_ms = self.now_ms - (asked.asked_s * 1000.0) as u64;
        self.schedule.waits_ms.entry(asked.owner).or_default().push(wait_ms);
    }

    /// A task has left its host.
    fn leave(&mut self, id: i64, place: usize, begin_ms: u64) {
        let Some(task) = self.running.remove(&id) else { return };
        let host = &mut self.scene.hosts[place];
        host.load -= task.weight;
        host.tasks -= 1;
        host.parents -= i64::from(task.leaves > 0);
        host.memory_mb = host.memory_mb.map(|left| left + task.memory_mb);
        self.schedule.done.push(Done { task: id, host: place, begin_ms, end_ms: self.now_ms });
    }
}

/// Each task in turn goes to the first host that can take it.
fn first_come(scene: &Scene) -> Vec<Assignment> {
    let mut hosts = scene.hosts.clone();
    let mut given = Vec::new();
    // the least weight of a kind for which there was no room: room only shrinks
    let mut too_much: HashMap<(&str, i64), f64> = HashMap::new();
    for task in scene.tasks.iter().take(MOST_TASKS) {
        let least = too_much.entry((&task.arch, task.leaves)).or_insert(f64::INFINITY);
        if task.weight >= *least {
            continue;
        }
        let Some(host) = hosts.iter_mut().find(|host| scene.lack(host, task).is_ok()) else {
            *least = task.weight;
            continue;
        };
        host.take(task);
        given.push(Assignment { task: task.id, host: host.id, rank: 0.0, options: 1 });
    }
    given
}
