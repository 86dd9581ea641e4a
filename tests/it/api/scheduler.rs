//! Who gets which task, and what a host may do with it.

use koji_core::Fault;
use koji_core::client::Session;
use koji_core::wire::Value;
use koji_tests::{TestHub, each_database};

fn call(session: &mut Session, method: &str, args: &[Value]) -> Value {
    session.call_named(method, args.to_vec(), vec![]).unwrap_or_else(|error| panic!("{method}: {error}"))
}

fn sleep(admin: &mut Session, seconds: i64) -> i64 {
    let id = call(admin, "makeTask", &["sleep".into(), Value::Array(vec![seconds.into()])]);
    id.as_int().unwrap()
}

/// The ids of the tasks that the host was given, after a run of the scheduler.
fn given(admin: &mut Session, host: &mut Session) -> Vec<i64> {
    assert_eq!(call(admin, "scheduler.doRun", &[true.into()]), true.into());
    let tasks = call(host, "host.getTasks", &[]);
    tasks.as_array().unwrap().iter().map(|task| task.get("id").unwrap().as_int().unwrap()).collect()
}

fn state(session: &mut Session, task: i64) -> i64 {
    call(session, "getTaskInfo", &[task.into()]).get("state").unwrap().as_int().unwrap()
}

fn ready_host(hub: &TestHub) -> Session {
    let mut host = hub.user("builder");
    host.exclusive_session(false).unwrap();
    call(&mut host, "host.updateHost", &[0.0.into(), true.into()]);
    host
}

#[test]
fn a_ready_host_gets_the_task_and_ends_it() {
    each_database(|database| {
        let hub = TestHub::start(database);
        let mut admin = hub.user("kojiadmin");
        let task = sleep(&mut admin, 1);
        let mut host = ready_host(&hub);
        assert_eq!(given(&mut admin, &mut host), [task]);
        assert_eq!(state(&mut admin, task), 4);
        assert!(call(&mut host, "host.openTask", &[task.into()]).get("request").is_some());
        assert_eq!(given(&mut admin, &mut host), [] as [i64; 0]);
        let answer = koji_core::wire::result_text(&Value::from("slept")).unwrap();
        call(&mut host, "host.closeTask", &[task.into(), answer.into()]);
        assert_eq!(call(&mut admin, "getTaskResult", &[task.into()]), "slept".into());
        assert_eq!(state(&mut admin, task), 2);
    });
}

#[test]
fn a_refused_task_waits_and_a_canceled_one_is_gone() {
    each_database(|database| {
        let hub = TestHub::start(database);
        let mut admin = hub.user("kojiadmin");
        let mut host = ready_host(&hub);
        let task = sleep(&mut admin, 1);
        assert_eq!(given(&mut admin, &mut host), [task]);
        call(&mut host, "host.refuseTask", &[task.into(), false.into(), "no".into()]);
        assert_eq!(given(&mut admin, &mut host), [] as [i64; 0]);
        assert_eq!(state(&mut admin, task), 0);
        call(&mut admin, "cancelTask", &[task.into()]);
        assert_eq!(call(&mut host, "host.openTask", &[task.into()]), Value::Nil);
        let error = host.call_named("host.closeTask", vec![task.into(), "x".into()], vec![]).unwrap_err();
        assert_eq!(error.fault, Fault::NotAllowed);
    });
}

#[test]
fn a_full_host_gets_no_more_and_the_smallest_priority_goes_first() {
    each_database(|database| {
        let hub = TestHub::start(database);
        let mut admin = hub.user("kojiadmin");
        // The hub schedules by itself as well: the host is ready only when both tasks wait.
        let later = sleep(&mut admin, 1);
        let urgent = sleep(&mut admin, 2);
        call(&mut admin, "setTaskPriority", &[urgent.into(), 1.into()]);
        let mut host = hub.user("builder");
        host.exclusive_session(false).unwrap();
        let jobs = Value::Struct(vec![("maxjobs".to_owned(), 1.into())]);
        call(&mut host, "host.updateHost", &[0.0.into(), true.into(), jobs]);
        assert_eq!(given(&mut admin, &mut host), [urgent]);
        assert_eq!(given(&mut admin, &mut host), [urgent]);
        assert_eq!(state(&mut admin, later), 0);
    });
}
