//! A real hub and builders that do nothing but talk to it as `kojid` does: they poll, open, wait for parts, close.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use koji_core::Result;
use koji_core::api::host_call::HostGetId;
use koji_core::api::tag::CreateTag;
use koji_core::api::target::CreateBuildTarget;
use koji_core::api::task_ask::Build;
use koji_core::db::Db;
use koji_core::host::setup::{self, NewHost};
use koji_core::hub::Hub;
use koji_core::tag::create::Arches;

use super::agent::Agent;
use super::calls::Calls;
use super::latency::{self, Latency};
use super::work::Farm;
use crate::{Database, TestHub};

/// How a live run goes.
#[derive(Clone, Copy, Debug)]
pub struct Live {
    /// The hub's database
    pub database: Database,
    /// How many times faster than real builds the simulated ones are
    pub speedup: f64,
    /// How long a builder that found nothing to do pauses, in seconds; of real time
    pub poll_s: f64,
    /// When the run is given up
    pub limit: Duration,
}

/// What came of a live run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// From the first request to the end of the last task
    pub took: Duration,
    /// Calls of all builders
    pub calls: Calls,
    /// From a place on a host becoming free, or the task being made, whichever was later, to its getting that place
    pub latency: Latency,
    /// Tasks that were done
    pub tasks: usize,
    /// Tasks that were not done when time was up
    pub left: i64,
}

/// The places that a builder has.
pub(super) const MAX_JOBS: i64 = 8;

/// Lets a farm work for a hub until all is built, or time is up.
///
/// # Panics
/// When the hub cannot be started, or a builder cannot log in.
pub fn run(farm: &Farm, live: Live) -> Outcome {
    let hub = TestHub::start_with(live.database, "MaxJobs = 8");
    register(&hub, farm);
    let mut admin = hub.user("kojiadmin");
    let arches = Arches::Text("x86_64 aarch64 s390x".to_owned());
    admin.call(CreateTag { arches, ..CreateTag::new("farm") }).unwrap();
    admin.call(CreateBuildTarget::new("farm", "farm", "farm")).unwrap();
    let farm = Arc::new(farm.clone());
    let stop = Arc::new(AtomicBool::new(false));
    let ready = Arc::new(AtomicUsize::new(0));
    let agents: Vec<_> = (0..farm.builders.len())
        .map(|number| {
            let (farm, stop, ready) = (farm.clone(), stop.clone(), ready.clone());
            let mut session = hub.anonymous();
            thread::Builder::new()
                .stack_size(512 * 1024)
                .spawn(move || {
                    session.login(&name(number), &password(number)).unwrap();
                    session.exclusive_session(false).unwrap();
                    session.call(HostGetId::new()).unwrap();
                    let mut agent = Agent::new(session, &farm, number, live.speedup, live.poll_s);
                    // from now on the hub knows that it is ready
                    agent.poll().unwrap();
                    ready.fetch_add(1, Ordering::Relaxed);
                    while !stop.load(Ordering::Relaxed) {
                        agent.turn().unwrap_or_else(|error| panic!("builder {number}: {error}"));
                    }
                    agent.calls
                })
                .unwrap()
        })
        .collect();
    while ready.load(Ordering::Relaxed) < farm.builders.len() {
        assert!(!agents.iter().any(thread::JoinHandle::is_finished), "a builder did not begin");
        thread::sleep(Duration::from_millis(50));
    }
    let begun = Instant::now();
    for package in &farm.packages {
        let source = format!("cli-build/farm/{}-1-1.src.rpm", package.name);
        admin.call(Build::new(source, "farm")).unwrap();
    }
    let db = Db::open(hub.database(), 1).unwrap();
    let left = loop {
        let left = latency::unfinished(&db).unwrap();
        if left == 0 || begun.elapsed() > live.limit {
            break left;
        }
        thread::sleep(Duration::from_secs(1));
    };
    let took = begun.elapsed();
    stop.store(true, Ordering::Relaxed);
    let mut calls = Calls::default();
    agents.into_iter().for_each(|agent| calls.extend(agent.join().unwrap()));
    let (latency, tasks) = latency::measure(&db, MAX_JOBS).unwrap();
    Outcome { took, calls, latency, tasks, left }
}

fn name(number: usize) -> String {
    format!("farm{number}")
}

fn password(number: usize) -> String {
    format!("pw-{}", name(number))
}

/// Adds the builders in this process: a program for each would take minutes.
fn register(hub: &TestHub, farm: &Farm) {
    let db = Db::open(hub.database(), 1).unwrap();
    let own = Hub::new(db, koji_core::config::HubConfig::default(), &hub.topdir()).unwrap();
    let all = |cx: &mut koji_core::context::Cx<'_>| -> Result<()> {
        for (number, builder) in farm.builders.iter().enumerate() {
            let (name, password) = (name(number), password(number));
            let channels = ["default".to_owned()];
            let host = NewHost {
                name: &name,
                arches: builder.arch,
                password: Some(&password),
                channels: &channels,
                // places are what limits here: then it is known when one is free
                capacity: Some(1000.0),
            };
            setup::add(cx, &host)?;
        }
        Ok(())
    };
    own.operate(all).unwrap();
}
