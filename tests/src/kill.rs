//! `kill -9` at random moments of a builder, of its tasks' processes, and of the hub, while tasks are done: every task ends,
//! nothing stays on the machine, and no build is half there.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use koji_core::api::task::GetTaskInfo;
use koji_core::client::watch::{State, state_of};
use koji_core::client::{Session, Upload, field};
use koji_core::wire::Value;

use crate::fuzz::Random;
use crate::{Database, SourcePackage, TestBuilder, TestHub, make_task};

/// How long tasks may take to end.
const PATIENCE: Duration = Duration::from_secs(180);
/// How long a killed builder's processes may take to end: they end theirs politely first.
const GRACE: Duration = Duration::from_secs(15);
/// Kills happen so long after the tasks are asked for, at most, in milliseconds.
const LATEST_MS: usize = 4000;
/// With a build, which takes longer.
const LATEST_OF_BUILD_MS: usize = 20_000;
/// With a build, if a task is to be met.
const LATEST_OF_TASKS_MS: usize = 8000;
/// How long the next process of a task is waited for: a build does its work in several.
const NEXT_TASK: Duration = Duration::from_secs(2);
/// Rounds without a kill, for each with one, after which something is wrong.
const MOST_MISSED: usize = 3;
const SLEEPS: usize = 3;

/// Who is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Victim {
    /// The builder's daemon
    Builder,
    /// The process of a task
    Task,
    /// The hub
    Hub,
}

/// What is done.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Who is killed
    pub victim: Victim,
    /// How often: rounds in which there was no process of a task to kill are not counted
    pub rounds: usize,
    /// The moments
    pub seed: u64,
    /// Whether packages are built, too
    pub builds: bool,
}

/// How many tasks ended in each state, and how many kills met nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The tasks, by the names of their states
    pub tasks: BTreeMap<&'static str, usize>,
    /// How many tasks were asked for
    pub asked: usize,
    /// Rounds in which there was no process of a task to kill
    pub missed: usize,
    /// Builds that are complete
    pub builds: usize,
}

/// Kills so often.
///
/// # Errors
/// What did not end, or stayed, in words.
pub fn run(database: Database, plan: Plan) -> Result<Report, String> {
    let mut rig = Rig::new(database, plan);
    let mut random = Random::new(plan.seed);
    let mut report = Report::default();
    let mut round = 0;
    while round < plan.rounds + report.missed {
        let told = |wrong: String| format!("{plan:?}, round {round}: {wrong}");
        let tasks = rig.ask(round);
        report.asked += tasks.len();
        let latest_ms = match plan.victim {
            _ if !plan.builds => LATEST_MS,
            Victim::Task => LATEST_OF_TASKS_MS,
            Victim::Builder | Victim::Hub => LATEST_OF_BUILD_MS,
        };
        std::thread::sleep(Duration::from_millis(random.below(latest_ms) as u64));
        report.missed += usize::from(!rig.kill(&mut random).map_err(told)?);
        for task in tasks {
            *report.tasks.entry(rig.end_of(task).map_err(told)?.name()).or_default() += 1;
        }
        report.builds += usize::from(rig.check_build(round).map_err(told)?);
        round += 1;
        if report.missed > MOST_MISSED * plan.rounds {
            return Err(format!("{plan:?}: {} times there was no task to kill", report.missed));
        }
    }
    rig.builder.stop();
    match rig.builder.left().as_slice() {
        [] => Ok(report),
        left => Err(format!("{plan:?}: this is left: {left:?}")),
    }
}

struct Rig {
    hub: TestHub,
    builder: TestBuilder,
    plan: Plan,
}

impl Rig {
    fn new(database: Database, plan: Plan) -> Self {
        let hub = TestHub::start(database);
        let mut admin = hub.user("kojiadmin");
        let arch = std::env::consts::ARCH;
        let calls: [(&str, Vec<Value>); 8] = [
            ("editHost", vec!["builder".into(), options(&[("capacity", 50.0.into())])]),
            ("createTag", vec!["k".into(), Value::Nil, arch.into()]),
            ("createTag", vec!["k-build".into(), "k".into(), arch.into()]),
            ("createBuildTarget", vec!["k".into(), "k-build".into(), "k".into()]),
            ("packageListAdd", vec!["k".into(), "killed".into(), "kojiadmin".into()]),
            ("groupListAdd", vec!["k-build".into(), "build".into()]),
            ("groupListAdd", vec!["k-build".into(), "srpm-build".into()]),
            ("getTag", vec!["k".into()]),
        ];
        for (method, args) in calls {
            admin.call_named(method, args, vec![]).unwrap();
        }
        let builder = TestBuilder::start(&hub, "");
        Self { hub, builder, plan }
    }

    /// Asks for tasks; their ids.
    fn ask(&self, round: usize) -> Vec<i64> {
        let mut admin = self.hub.user("kojiadmin");
        let mut tasks: Vec<i64> =
            (0..SLEEPS).map(|_| make_task(&mut admin, "sleep", vec![2.into()])).collect();
        if self.plan.builds {
            tasks.push(ask_for_build(&mut admin, self.hub.scratch(), round));
        }
        tasks
    }

    /// Kills, looks that nothing goes on alone, and starts again. False if there was nobody.
    fn kill(&mut self, random: &mut Random) -> Result<bool, String> {
        match self.plan.victim {
            Victim::Hub => {
                self.hub.kill();
                std::thread::sleep(Duration::from_millis(random.below(500) as u64));
                self.hub.restart();
            }
            Victim::Task => {
                let begun = Instant::now();
                let pids = loop {
                    match self.builder.task_pids() {
                        pids if !pids.is_empty() => break pids,
                        _ if begun.elapsed() > NEXT_TASK => return Ok(false),
                        _ => std::thread::sleep(Duration::from_millis(5)),
                    }
                };
                let pid = random.pick(&pids).to_string();
                // it may have ended this moment
                return Ok(Command::new("kill").args(["-9", &pid]).status().unwrap().success());
            }
            Victim::Builder => {
                let pids = self.builder.task_pids();
                self.builder.kill();
                let begun = Instant::now();
                let lives = |pid: &&u32| Path::new(&format!("/proc/{pid}/cwd")).exists();
                while let Some(pid) = pids.iter().find(lives) {
                    if begun.elapsed() > GRACE {
                        return Err(format!("the task's process {pid} outlives its builder"));
                    }
                    std::thread::sleep(Duration::from_millis(20));
                }
                self.builder.restart();
            }
        }
        Ok(true)
    }

    fn end_of(&self, task: i64) -> Result<State, String> {
        let deadline = Instant::now() + PATIENCE;
        // the hub may have been killed while this asked: then it asks anew
        loop {
            let info = self.hub.anonymous().ask(GetTaskInfo::new(task));
            match info.as_ref().ok().and_then(state_of) {
                Some(state) if state.is_final() => return Ok(state),
                _ if Instant::now() > deadline => {
                    return Err(format!("task {task} does not end: {info:?}\n{}", self.builder.log()));
                }
                _ => std::thread::sleep(Duration::from_millis(100)),
            }
        }
    }

    /// Whether there is a build of this round, which then is whole or marked as failed.
    fn check_build(&self, round: usize) -> Result<bool, String> {
        let nvr = format!("killed-{round}-1");
        let build = self.call("getBuild", &nvr)?;
        if build.is_nil() {
            return Ok(false);
        }
        match field(&build, "state").as_int() {
            Some(1) => {}
            Some(0) => return Err(format!("{nvr} is still being built, and nobody does it")),
            _ => return Ok(false),
        }
        let rpms = self.call("listBuildRPMs", &nvr)?;
        let dir = self.hub.topdir().join(format!("packages/killed/{round}/1"));
        for rpm in rpms.as_array().unwrap_or_default() {
            let of = |key: &str| field(rpm, key).as_str().unwrap_or_default().to_owned();
            let file = dir.join(of("arch")).join(format!("{}.{}.rpm", of("nvr"), of("arch")));
            let size = file.metadata().map(|meta| meta.len().cast_signed()).ok();
            if size.is_none() || size != field(rpm, "size").as_int() {
                return Err(format!("{} is half there", file.display()));
            }
        }
        Ok(true)
    }

    fn call(&self, method: &str, nvr: &str) -> Result<Value, String> {
        self.hub.anonymous().call_named(method, vec![nvr.into()], vec![]).map_err(|error| error.to_string())
    }
}

fn options(pairs: &[(&str, Value)]) -> Value {
    let mut members = vec![("__starstar".to_owned(), true.into())];
    members.extend(pairs.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
    Value::Struct(members)
}

fn ask_for_build(admin: &mut Session, scratch: &Path, round: usize) -> i64 {
    let version = round.to_string();
    let package = SourcePackage { name: "killed", version: &version, build_arch: "noarch", requires: "" };
    let rpm = package.source_rpm(&scratch.join("sources").join(&version));
    let dir = format!("cli-build/kill-{round}");
    admin.upload(&Upload::new(&rpm, &dir), &mut |_| ()).unwrap();
    let source = format!("{dir}/{}", rpm.file_name().unwrap().to_string_lossy());
    let made = admin.call_named("build", vec![source.into(), "k".into()], vec![]);
    made.unwrap().as_int().unwrap()
}
