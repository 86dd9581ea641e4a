//! Tasks that concern the builder itself.

use koji_core::client::field;
use koji_core::wire::Value;
use koji_tests::{Database, TestBuilder, TestHub, make_task, parts};

#[test]
fn hosts_restart_and_are_checked() {
    let hub = TestHub::start(Database::Sqlite);
    let mut builder = TestBuilder::start(&hub, "");
    let mut admin = hub.user("kojiadmin");
    let task = make_task(&mut admin, "restartHosts", vec![]);
    builder.result_of(&mut admin, task).unwrap();
    let parts = parts(&mut admin, task);
    let done: Vec<_> = parts.iter().map(|(_, method, state)| (method.as_str(), *state)).collect();
    assert_eq!(done, [("restart", "CLOSED"), ("restartVerify", "CLOSED")], "{}", builder.log());
    let told = builder.result_of(&mut admin, parts[0].0).unwrap();
    assert_eq!(told.as_str(), Some("graceful restart initiated"));
    assert_eq!(builder.log().matches("the builder is ready").count(), 2, "{}", builder.log());

    let other = Value::Struct(vec![("id".into(), 4711.into()), ("name".into(), "other".into())]);
    for (method, params, fault) in [
        ("restart", vec![other.clone()], "Host mismatch"),
        ("restartVerify", vec![parts[0].0.into(), other], "Host mismatch"),
        ("restartHosts", vec![options("channel", "nowhere")], "nowhere"),
        ("restartHosts", vec![options("arches", "s390x")], "No matching hosts"),
        ("restartHosts", vec![options("timeout", "soon")], "timeout"),
        ("default", vec![1.into(), "two".into()], "Invalid method: default"),
    ] {
        let error = builder.run(&mut admin, method, params).unwrap_err();
        assert!(error.message.contains(fault), "{method}: {error}");
    }

    builder.run(&mut admin, "shutdown", vec![]).unwrap();
    assert!(builder.ended().success());
    let host = admin.call_named("getHost", vec!["builder".into()], vec![]).unwrap();
    assert!(!field(&host, "ready").is_true());
}

fn options(name: &str, value: &str) -> Value {
    Value::Struct(vec![(name.into(), value.into())])
}
