//! What a builder says of itself, and what it does when it cannot go on.

use std::time::{Duration, Instant};

use koji_core::api::own::{HostLoads, WhyTask};
use koji_core::client::Session;
use koji_core::wire::Value;
use koji_tests::{Database, TestBuilder, TestHub, make_task};

fn state(session: &mut Session, task: i64) -> i64 {
    let info = session.call_named("getTaskInfo", vec![task.into()], vec![]).unwrap();
    info.get("state").unwrap().as_int().unwrap()
}

fn until(what: &str, builder: &TestBuilder, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < deadline, "never: {what}\n{}", builder.log());
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn sleep(admin: &mut Session, seconds: i64) -> i64 {
    make_task(admin, "sleep", vec![seconds.into()])
}

#[test]
fn a_builder_whose_directories_are_gone_says_so_and_takes_nothing() {
    let hub = TestHub::start(Database::Sqlite);
    let builder = TestBuilder::start(&hub, "");
    let mut admin = hub.user("kojiadmin");
    let first = sleep(&mut admin, 1);
    builder.result_of(&mut admin, first).unwrap();
    let data = admin.call_named("scheduler.getHostData", vec![], vec![]).unwrap();
    let told = data.as_array().unwrap()[0].get("data").unwrap().clone();
    assert!(told.get("memory_free_mb").and_then(Value::as_f64).is_some_and(|mb| mb > 0.0), "{told:?}");
    assert!(told.get("peaks_mb").is_some() && told.get("obstacle").is_none(), "{told:?}");

    let (topdir, away) = (hub.topdir(), hub.scratch().join("away"));
    std::fs::rename(&topdir, &away).unwrap();
    std::fs::create_dir(&topdir).unwrap();
    let obstacle = "is empty: the hub's files are not mounted";
    until("it says that the directory is gone", &builder, || {
        let loads = admin.call(HostLoads::new()).unwrap();
        !loads[0].ready && loads[0].obstacle.as_ref().is_some_and(|told| told.contains(obstacle))
    });
    let task = sleep(&mut admin, 1);
    let why = admin.call(WhyTask::new(task)).unwrap();
    let lacks = why.hosts[0].lacks.clone().unwrap();
    assert!(lacks.starts_with("is not ready: ") && lacks.contains(obstacle), "{lacks}");

    // what it is given all the same it gives back
    let by_hand = admin.call_named("assignTask", vec![task.into(), "builder".into()], vec![]).unwrap();
    assert_eq!(by_hand, true.into());
    until("it gives the task back", &builder, || state(&mut admin, task) == 0);
    let refusals = admin.call_named("scheduler.getTaskRefusals", vec![], vec![]).unwrap();
    let refusal = refusals.as_array().unwrap()[0].clone();
    assert!(refusal.get("soft").unwrap().is_true(), "{refusal:?}");
    assert!(refusal.get("msg").and_then(Value::as_str).unwrap().contains(obstacle), "{refusal:?}");

    std::fs::remove_dir(&topdir).unwrap();
    std::fs::rename(&away, &topdir).unwrap();
    let last = sleep(&mut admin, 1);
    builder.result_of(&mut admin, last).unwrap();
}

#[test]
fn a_builder_told_to_stop_hands_back_and_one_told_to_restart_finishes_first() {
    let hub = TestHub::start(Database::Sqlite);
    let mut builder = TestBuilder::start(&hub, "");
    let mut admin = hub.user("kojiadmin");
    let short = sleep(&mut admin, 4);
    until("it works", &builder, || state(&mut admin, short) == 1);
    builder.signal("USR1");
    builder.result_of(&mut admin, short).unwrap();
    let is_back = || builder.log().matches("the builder is ready").count() == 2;
    until("it is back", &builder, is_back);

    let long = sleep(&mut admin, 600);
    until("it works", &builder, || state(&mut admin, long) == 1);
    let pids = builder.task_pids();
    assert_eq!(pids.len(), 1);
    builder.stop();
    assert_eq!(state(&mut admin, long), 0);
    assert!(!std::path::Path::new(&format!("/proc/{}", pids[0])).exists());
    assert_eq!(builder.left(), [] as [String; 0]);
}
