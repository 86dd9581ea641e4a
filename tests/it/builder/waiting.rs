//! Tasks that wait for parts of them, and what they leave.

use koji_tests::{Database, TestBuilder, TestHub, make_task, parts};

#[test]
fn a_part_may_fail_if_that_was_said() {
    let hub = TestHub::start(Database::Sqlite);
    let builder = TestBuilder::start(&hub, "");
    let mut admin = hub.user("kojiadmin");
    let task = make_task(&mut admin, "waittest", vec![1.into(), 1.into()]);
    builder.result_of(&mut admin, task).unwrap();
    let states: Vec<_> = parts(&mut admin, task).into_iter().map(|(_, _, state)| state).collect();
    assert_eq!(states, ["CLOSED", "FAILED"]);
}

#[test]
fn what_a_task_leaves_running_is_ended() {
    let hub = TestHub::start(Database::Sqlite);
    let builder = TestBuilder::start(&hub, "");
    let mut admin = hub.user("kojiadmin");
    builder.run(&mut admin, "fork", vec![3.into(), 987_654.into()]).unwrap();
    let sleeping = std::fs::read_dir("/proc").unwrap().flatten().filter(|entry| {
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        line == b"sleep\x00987654\x00"
    });
    assert_eq!(sleeping.count(), 0);
}
