//! Why tasks wait: fair turns, what was learned of earlier runs, and the answer of `koji_rs.whyTask`.

use koji_core::api::cast::CheckedBool;
use koji_core::api::host_call::{HostCloseTask, HostGetTasks, HostOpenTask, HostRefuseTask, HostUpdateHost};
use koji_core::api::own::{HostLoads, WhyTask};
use koji_core::api::scheduler::DoRun;
use koji_core::api::tag::CreateTag;
use koji_core::api::target::CreateBuildTarget;
use koji_core::api::task::MakeTask;
use koji_core::api::task_ask::Build;
use koji_core::client::Session;
use koji_core::wire::{Value, result_text};
use koji_tests::{TestHub, each_database};

fn sleep(admin: &mut Session) -> i64 {
    let args = vec!["sleep".into(), Value::Array(vec![1.into()])];
    admin.call(MakeTask { args, opts: vec![] }).unwrap().into()
}

fn run(admin: &mut Session) {
    assert!(admin.call(DoRun { force: CheckedBool(true) }).unwrap());
}

/// A host that takes so many tasks at a time.
fn ready_host(hub: &TestHub, max_jobs: i64) -> Session {
    let mut host = hub.user("builder");
    host.exclusive_session(false).unwrap();
    let told = [("maxjobs", max_jobs), ("memory_free_mb", 900)];
    let data = Value::Struct(told.map(|(key, value)| (key.to_owned(), value.into())).into());
    host.call(HostUpdateHost { data: Some(data), ..HostUpdateHost::new(0.0, true) }).unwrap();
    host
}

#[test]
fn a_task_is_told_what_it_waits_for() {
    each_database(|database| {
        let hub = TestHub::start(database);
        let mut admin = hub.user("kojiadmin");
        let first = sleep(&mut admin);
        let why = admin.call(WhyTask::new(first)).unwrap();
        assert_eq!(why.because, "no host that could take it is ready");
        assert_eq!((why.ahead, why.begin_ts), (Some(0), None));
        assert_eq!(why.hosts[0].lacks.as_deref(), Some("is not ready"));

        let mut host = ready_host(&hub, 1);
        run(&mut admin);
        let second = sleep(&mut admin);
        run(&mut admin);
        let why = admin.call(WhyTask::new(second)).unwrap();
        assert_eq!(why.because, "the hosts that could take it are busy");
        assert_eq!(why.noted.unwrap().reason, "the hosts that could take it are busy");
        assert_eq!(why.hosts[0].lacks.as_deref(), Some("has its maximum of tasks"));
        assert_eq!((why.hosts[0].host.tasks, why.hosts[0].host.max_jobs), (1, 1));
        // the other's like takes a minute, as nobody knows better
        let begins_s = why.begin_ts.unwrap() - why.task.create_ts;
        assert!((30.0..90.0).contains(&begins_s), "{begins_s}");

        host.call(HostOpenTask::new(first)).unwrap();
        let why = admin.call(WhyTask::new(first)).unwrap();
        assert_eq!(why.because, "it does not wait: builder is doing it");
        let done = result_text(&Value::Nil).unwrap();
        host.call(HostCloseTask::new(first, done)).unwrap();
        assert_eq!(admin.call(WhyTask::new(first)).unwrap().because, "it does not wait: it is closed");

        // one run was seen: it took no time, so the next of its kind should not either
        run(&mut admin);
        let why = admin.call(WhyTask::new(second)).unwrap();
        assert_eq!(why.because, "builder has been given it and has not begun yet");
        assert!(why.end_ts.unwrap() - why.begin_ts.unwrap() < 30.0);
        let loads = admin.call(HostLoads::new()).unwrap();
        assert_eq!((loads[0].name.as_str(), loads[0].tasks, loads[0].ready), ("builder", 1, true));
        let shown = hub.admin(&["hostinfo", "builder"]);
        let told = format!("\nReady: yes\nTasks: 1 of 1, with a load of {:.1} of ", loads[0].load);
        assert!(shown.contains(&told), "{shown}");
        assert!(admin.call(WhyTask::new(99_999)).unwrap_err().message.contains("99999"));
    });
}

#[test]
fn the_words_of_a_refusal_are_told() {
    each_database(|database| {
        let hub = TestHub::start(database);
        let mut admin = hub.user("kojiadmin");
        let mut host = ready_host(&hub, 1);
        let task = sleep(&mut admin);
        run(&mut admin);
        let msg = "no handler for method".to_owned();
        host.call(HostRefuseTask { msg, ..HostRefuseTask::new(task) }).unwrap();
        let why = admin.call(WhyTask::new(task)).unwrap();
        assert_eq!(why.because, "every ready host that could take it has refused it");
        let lacks = "has refused the task: no handler for method";
        assert_eq!(why.hosts[0].lacks.as_deref(), Some(lacks));
        let shown = hub.admin(&["why", &task.to_string()]);
        assert!(shown.contains("\nHas refused the task: no handler for method:\n  builder "), "{shown}");
    });
}

#[test]
fn a_silent_host_is_ready_for_nobody() {
    let hub = TestHub::start_with(koji_tests::Database::Sqlite, "ReadyTimeout = 0");
    let mut host = ready_host(&hub, 1);
    host.call(HostUpdateHost::new(0.0, true)).unwrap();
    let shown = hub.admin(&["hostinfo", "builder"]);
    assert!(shown.contains("\nReady: no\nNot ready because: it has not reported lately\n"), "{shown}");
    let shown = hub.admin(&["list-hosts", "--load", "--quiet"]);
    assert!(shown.starts_with("builder ") && shown.ends_with(" N\n"), "{shown}");
}

#[test]
fn users_take_turns() {
    each_database(|database| {
        let hub = TestHub::start(database);
        let mut admin = hub.user("kojiadmin");
        // The hub schedules by itself as well: the host is ready only when all tasks wait.
        let many: Vec<i64> = (0..4).map(|_| sleep(&mut admin)).collect();
        admin.call(CreateTag::new("f44")).unwrap();
        admin.call(CreateBuildTarget::new("f44", "f44", "f44")).unwrap();
        let one = hub.user("alice").call(Build::new("cli-build/a-1-1.src.rpm", "f44")).unwrap().into();
        let mut host = ready_host(&hub, 2);
        run(&mut admin);
        let given = host.call(HostGetTasks::new()).unwrap();
        let given: Vec<i64> = given.iter().map(|task| task.id.into()).collect();
        assert_eq!(given, [many[0], one]);
    });
}
