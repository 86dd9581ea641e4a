//! What administrators do to tasks and tags by hand.

use koji_core::client::field;
use koji_core::wire::Value;
use koji_tests::{Database, TestHub, make_task};

#[test]
fn tasks_are_handed_out_by_hand() {
    // only answers calls, so that nothing else hands tasks out
    let hub = TestHub::start_quiet(Database::Sqlite);
    let mut admin = hub.user("kojiadmin");
    let task = make_task(&mut admin, "sleep", vec![1.into()]);
    let id = task.to_string();
    let mut run = |user: &str, words: &[&str]| {
        let output = hub.koji(user, words);
        let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        let info = admin.call_named("getTaskInfo", vec![task.into()], vec![]).unwrap();
        let number = |name| field(&info, name).as_int();
        (output.status.code().unwrap(), told, number("state"), number("priority"))
    };
    let (code, told, state, _) = run("alice", &["assign-task", &id, "builder"]);
    assert!(code == 2 && told.contains("This action requires admin privileges"), "{told}");
    assert_eq!(state, Some(0));
    let (code, told, state, _) = run("kojiadmin", &["assign-task", &id, "builder"]);
    assert_eq!((code, &*told, state), (0, &*format!("assigned task {id} to host builder\n"), Some(4)));
    let (code, told, ..) = run("kojiadmin", &["assign-task", &id, "nobody"]);
    assert!(code == 1 && told.contains("No such host: nobody"), "{told}");
    let (code, told, state, _) = run("kojiadmin", &["free-task", &id]);
    assert_eq!((code, &*told, state), (0, "", Some(0)));
    assert!(run("kojiadmin", &["free-task", "x"]).1.contains("task_id must be an integer"));

    let (code, told, _, priority) = run("kojiadmin", &["set-task-priority", "--priority=3", &id]);
    assert_eq!((code, &*told, priority), (0, "", Some(3)));
    let (code, told, ..) = run("alice", &["set-task-priority", "--priority=3", &id]);
    assert!(code == 1 && told.contains("admin permission required (logged in as alice)"), "{told}");
    assert!(run("kojiadmin", &["set-task-priority", &id]).1.contains("You must specify --priority"));
}

#[test]
fn tags_are_removed() {
    let hub = TestHub::start_quiet(Database::Sqlite);
    hub.admin(&["add-tag", "old"]);
    hub.admin(&["remove-tag", "old"]);
    let gone = hub.anonymous().call_named("getTag", vec!["old".into()], vec![]).unwrap();
    assert_eq!(gone, Value::Nil);
    let again = hub.koji("kojiadmin", &["remove-tag", "old"]);
    let told = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(!again.status.success() && told.contains("No such tag: old"), "{told}");
}
