//! Why a task waits: what the scheduler would decide about it now, and what can be expected.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::forecast::{self, Running};
use super::load::{self, ActiveTask, HostRow};
use super::scene::{Host, Lack, Scene, Task};
use super::tick::Look;
use super::waiting::{self, Waiting};
use super::{learned, parts, tick, timeouts};
use crate::Result;
use crate::context::Cx;
use crate::db::Query;
use crate::task::row::{self, Requests, TaskRow};
use crate::task::state::TaskState;

/// What is known of a task's chances.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Why {
    /// The task
    pub task: TaskRow,
    /// The name of its channel
    pub channel: Option<String>,
    /// The name of the host that has it
    pub host: Option<String>,
    /// In one sentence how things stand
    pub because: String,
    /// The reason that the scheduler noted, and since when
    pub noted: Option<Waiting>,
    /// How many tasks are served before it; None if it does not wait for a host, or is far behind
    pub ahead: Option<i64>,
    /// When it should begin, in seconds since the epoch
    pub begin_ts: Option<f64>,
    /// When it should end, in seconds since the epoch
    pub end_ts: Option<f64>,
    /// The enabled hosts, those that come nearest to taking it first
    pub hosts: Vec<Candidate>,
    /// Its parts that have not ended
    pub parts: Vec<Part>,
}

/// What an enabled host has to do, as the scheduler sees it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HostLoad {
    /// Its name
    pub name: String,
    /// Whether it says that it can take tasks, and has been heard of lately
    pub ready: bool,
    /// The weights of its tasks
    pub load: f64,
    /// What it can bear
    pub capacity: f64,
    /// How many tasks it has
    pub tasks: i64,
    /// How many it takes
    pub max_jobs: i64,
    /// The memory in MiB that it has left, if it tells
    pub memory_mb: Option<f64>,
    /// Why it takes no tasks, as it told last
    #[serde(default)]
    pub obstacle: Option<String>,
}

impl HostLoad {
    fn new(host: &Host, row: &HostRow) -> Self {
        Self {
            name: row.name.clone(),
            ready: host.ready,
            load: host.load,
            capacity: host.capacity,
            tasks: host.tasks,
            max_jobs: host.max_jobs,
            memory_mb: host.memory_mb,
            obstacle: row.told("obstacle").and_then(|told| told.as_str()).map(str::to_owned),
        }
    }
}

/// A host as a task sees it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Candidate {
    /// The host
    #[serde(flatten)]
    pub host: HostLoad,
    /// The first thing that it lacks; None if it could take the task now
    pub lacks: Option<String>,
}

/// A part of a task.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Part {
    /// Its id
    pub id: i64,
    /// Its method
    pub method: String,
    /// What tells it from the others
    pub label: String,
    /// Its state
    pub state: i64,
}

/// What the enabled hosts have to do, by name.
pub fn host_loads(cx: &mut Cx<'_>) -> Result<Vec<HostLoad>> {
    let mut rows = load::hosts(cx)?;
    timeouts::silence(cx, &mut rows);
    let active = load::active_tasks(cx)?;
    let hosts = load::for_decision(cx, &rows, &active)?;
    let mut loads: Vec<HostLoad> =
        hosts.iter().zip(&rows).map(|(host, row)| HostLoad::new(host, row)).collect();
    loads.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(loads)
}

/// Tells of a task; an unknown id is an error.
pub fn why(cx: &mut Cx<'_>, id: i64) -> Result<Why> {
    let task = row::get(cx, id, Requests::Omit)?.task;
    let names: Option<(Option<String>, Option<String>)> = Query::from("task")
        .left_join("channels ON channels.id = task.channel_id")
        .left_join("host ON host.id = task.host_id")
        .filter("task.id = ?", id)
        .select_first(cx.db, "channels.name, host.name")?;
    let (channel, host) = names.unwrap_or_default();
    let mut why = Why {
        task,
        channel,
        host,
        because: String::new(),
        noted: None,
        ahead: None,
        begin_ts: None,
        end_ts: None,
        hosts: Vec::new(),
        parts: Vec::new(),
    };
    match TaskState::from_number(i64::from(why.task.state))? {
        TaskState::Free => free(cx, &mut why)?,
        TaskState::Assigned => {
            why.because = format!("{} has been given it and has not begun yet", host_name(&why));
            expect(cx, &mut why)?;
        }
        TaskState::Open => open(cx, &mut why)?,
        state => why.because = format!("it does not wait: it is {}", state.name().to_lowercase()),
    }
    Ok(why)
}

fn host_name(why: &Why) -> &str {
    why.host.as_deref().unwrap_or("a host")
}

/// A task that some host is to do.
fn free(cx: &mut Cx<'_>, why: &mut Why) -> Result<()> {
    let id = i64::from(why.task.id);
    why.noted = waiting::of_task(cx, id)?;
    let (rows, active) = tick::heard_of(cx)?;
    let scene = tick::scene(cx, &rows, &active, Look::All)?;
    let Some(place) = scene.tasks.iter().position(|task| task.id == id) else {
        why.because = format!("more than {} tasks are served before it", scene.tasks.len());
        return Ok(());
    };
    let task = &scene.tasks[place];
    // Only those count that some host it needs could take as well.
    let rivals = scene.tasks[..place].iter().filter(|other| is_rival(&scene, other, task));
    why.ahead = i64::try_from(rivals.count()).ok();
    let running = running(cx, &active)?;
    if let Some(begins_s) = forecast::begins_in(&scene, &running, id) {
        let begin = cx.now().0 + begins_s;
        (why.begin_ts, why.end_ts) = (Some(begin), Some(begin + task.duration_s));
    }
    let refusals = load::refusals_of(cx, id)?;
    why.hosts = candidates(&scene, task, &rows, &refusals);
    why.because = because(why, &scene, task);
    Ok(())
}

fn is_rival(scene: &Scene, other: &Task, task: &Task) -> bool {
    scene.hosts.iter().any(|host| {
        host.serves(task.channel)
            && host.has_arch(&task.arch)
            && host.serves(other.channel)
            && host.has_arch(&other.arch)
    })
}

fn because(why: &Why, scene: &Scene, task: &Task) -> String {
    let lacks = |host| scene.lack(host, task).err();
    let nearest = scene.hosts.iter().map(lacks).max_by_key(|lack| lack.map_or(i64::MAX, |lack| lack as i64));
    let arch = &task.arch;
    let channel = why.channel.as_deref().unwrap_or("its channel");
    match nearest {
        None | Some(Some(Lack::Channel)) => format!("no enabled host serves the channel {channel}"),
        Some(Some(Lack::Arch)) => format!("no host of the channel {channel} builds for {arch}"),
        Some(Some(Lack::NotReady)) => "no host that could take it is ready".to_owned(),
        Some(Some(Lack::Refused)) => "every ready host that could take it has refused it".to_owned(),
        Some(Some(Lack::Jobs | Lack::Capacity | Lack::Memory)) => {
            "the hosts that could take it are busy".to_owned()
        }
        Some(None) => match why.ahead {
            Some(ahead) if ahead > 0 => "tasks that come first take the room there is".to_owned(),
            _ => "a host has room for it: it is given out when the scheduler runs next".to_owned(),
        },
    }
}

/// The hosts, those that come nearest first.
fn candidates(
    scene: &Scene,
    task: &Task,
    rows: &[HostRow],
    refusals: &HashMap<i64, String>,
) -> Vec<Candidate> {
    let mut ranked: Vec<(Option<Lack>, Candidate)> = scene
        .hosts
        .iter()
        .zip(rows)
        .map(|(host, row)| {
            let lack = scene.lack(host, task).err();
            let host = HostLoad::new(host, row);
            let words = match lack {
                Some(Lack::NotReady) => host.obstacle.as_ref(),
                Some(Lack::Refused) => refusals.get(&row.id).filter(|words| !words.is_empty()),
                _ => None,
            };
            let lacks = lack.map(|lack| match words {
                Some(words) => format!("{lack}: {words}"),
                None => lack.to_string(),
            });
            let candidate = Candidate { host, lacks };
            (lack, candidate)
        })
        .collect();
    ranked.sort_by_key(|(lack, _)| std::cmp::Reverse(lack.map_or(i64::MAX, |lack| lack as i64)));
    ranked.into_iter().map(|(_, candidate)| candidate).collect()
}

/// A task that a host does, or that waits for its parts.
fn open(cx: &mut Cx<'_>, why: &mut Why) -> Result<()> {
    expect(cx, why)?;
    if why.task.waiting != Some(true) {
        why.because = format!("it does not wait: {} is doing it", host_name(why));
        return Ok(());
    }
    let rows: Vec<(i64, Option<String>, Option<String>, i64)> = Query::from("task")
        .filter("parent = ? AND state IN (0, 1, 4)", why.task.id)
        .order("id")
        .select(cx.db, "id, method, label, state")?;
    let part = |(id, method, label, state): (i64, Option<String>, Option<String>, i64)| Part {
        id,
        method: method.unwrap_or_default(),
        label: label.unwrap_or_default(),
        state,
    };
    why.parts = rows.into_iter().map(part).collect();
    why.because = format!("it waits for parts of it, {} of which have not ended", why.parts.len());
    Ok(())
}

/// When a task that a host has should end.
fn expect(cx: &mut Cx<'_>, why: &mut Why) -> Result<()> {
    let id = i64::from(why.task.id);
    let duration_s = learned::of_tasks(cx, &[id])?.get(&id).map(|estimate| estimate.duration_s);
    why.begin_ts = why.task.start_ts.or(Some(cx.now().0));
    why.end_ts = why.begin_ts.zip(duration_s).map(|(begin, duration)| (begin + duration).max(cx.now().0));
    Ok(())
}

/// What hosts have, with the time that it should still take. Tasks that wait for their parts make no room.
fn running(cx: &mut Cx<'_>, active: &[ActiveTask]) -> Result<Vec<Running>> {
    let ids: Vec<i64> = active.iter().map(|task| task.id).collect();
    let estimates = learned::of_tasks(cx, &ids)?;
    let now = cx.now().0;
    let of_task = |task: &ActiveTask| {
        let estimate = estimates.get(&task.id)?;
        let so_far_s = task.start_ts.map_or(0.0, |start| now - start);
        Some(Running {
            host: task.host_id?,
            weight: task.weight,
            memory_mb: estimate.memory_mb,
            left_s: (estimate.duration_s - so_far_s).max(1.0),
            is_parent: task.method.as_deref().is_some_and(parts::makes),
        })
    };
    Ok(active.iter().filter(|task| task.waiting != Some(true)).filter_map(of_task).collect())
}
