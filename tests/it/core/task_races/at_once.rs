//! Hosts, an admin and the scheduler at the same time.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::thread;

use koji_core::Fault;
use koji_core::hub::Caller;
use koji_core::wire::Value;
use koji_tests::fuzz::Random;

use super::farm::{Farm, HOSTS, done};
use super::model::State;

const TASKS: usize = 12;
const CALLS: usize = 60;
const PARTS: usize = 100;

/// Which host opened and which closed each task, as they were told.
type Log = Mutex<BTreeMap<i64, (Vec<usize>, Vec<usize>)>>;

pub fn run(farm: &Farm) {
    let log = Log::default();
    for host in 0..HOSTS {
        farm.revive(host).unwrap();
    }
    let ids: Vec<i64> = (0..TASKS).map(|_| farm.make().unwrap()).collect();
    thread::scope(|scope| {
        for host in 0..HOSTS {
            let (ids, log) = (&ids, &log);
            scope.spawn(move || work(farm, host, ids, log));
        }
        scope.spawn(|| {
            let mut random = Random::new(99);
            for _ in 0..CALLS {
                let id = *random.pick(&ids);
                match random.below(3) {
                    0 => call(farm, &farm.admin, "scheduler.doRun", vec![true.into()]),
                    1 => call(farm, &farm.admin, "freeTask", vec![id.into()]),
                    _ => call(farm, &farm.admin, "assignTask", vec![id.into(), "host0".into()]),
                };
            }
        });
    });
    let log = log.into_inner().unwrap();
    let states = farm.states(&ids);
    assert_eq!(states.len(), TASKS, "a task is lost");
    for (id, state, _) in states {
        let ends = log.get(&id).map_or(0, |(_, ends)| ends.len());
        assert_eq!(ends, usize::from(state == State::Closed.number()), "task {id}: {:?}", log.get(&id));
    }
}

/// A host waits for parts of a task, another gives all of them back, whether it has them or not, and an admin changes the
/// priority of them all.
pub fn with_parts(farm: &Farm) {
    farm.revive(0).unwrap();
    let host = &farm.hosts[0];
    let parent = Value::from(farm.make().unwrap());
    call(farm, &farm.admin, "assignTask", vec![parent.clone(), "host0".into()]);
    assert!(call(farm, host, "host.openTask", vec![parent.clone()]).is_some_and(|task| !task.is_nil()));
    // parts are found by their labels, whose order is not that of the ids
    let part = |number: usize| {
        let label = vec![("label".to_owned(), format!("{:03}", PARTS - number).into())];
        let args = vec![parent.clone(), Value::Struct(label), "sleep".into(), 1.into()];
        call(farm, host, "host.subtask2", args).unwrap()
    };
    let parts: Vec<Value> = (0..PARTS).map(part).collect();
    let all = || Value::Array(parts.clone());
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..CALLS {
                call(farm, host, "host.taskSetWait", vec![parent.clone(), all()]).unwrap();
                call(farm, host, "host.taskWaitResults", vec![parent.clone(), Value::Array(vec![])]).unwrap();
            }
        });
        scope.spawn(|| {
            for _ in 0..3 * CALLS {
                call(farm, &farm.hosts[1], "host.freeTasks", vec![all()]).unwrap();
            }
        });
        scope.spawn(|| {
            for priority in 0..CALLS as i64 {
                let args = vec![parent.clone(), priority.into(), true.into()];
                call(farm, &farm.admin, "setTaskPriority", args).unwrap();
            }
        });
    });
}

/// A host that takes what it can, whether it was given to it or not.
fn work(farm: &Farm, host: usize, ids: &[i64], log: &Log) {
    let (mut random, caller) = (Random::new(host as u64), &farm.hosts[host]);
    for _ in 0..CALLS {
        let id = *random.pick(ids);
        let opened = call(farm, caller, "host.openTask", vec![id.into()]);
        if opened.as_ref().is_some_and(|answer| !answer.is_nil()) {
            log.lock().unwrap().entry(id).or_default().0.push(host);
        }
        if random.once_in(3) {
            call(farm, caller, "host.freeTasks", vec![Value::Array(vec![id.into()])]);
        } else if call(farm, caller, "host.closeTask", vec![id.into(), done()]).is_some() {
            log.lock().unwrap().entry(id).or_default().1.push(host);
        }
    }
}

/// The answer; none if the hub did not allow it. Nothing else may go wrong, and no lock may be waited for in vain.
fn call(farm: &Farm, caller: &Caller, method: &str, args: Vec<Value>) -> Option<Value> {
    match farm.hub().call(caller, koji_core::api::Call::new(method, args)).and_then(|answer| answer.value()) {
        Ok(answer) => Some(answer),
        Err(error) if matches!(error.fault, Fault::NotAllowed | Fault::Generic) => None,
        Err(error) => panic!("{method}: {error}"),
    }
}
