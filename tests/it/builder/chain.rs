//! Chains of builds.

use koji_core::client::Session;
use koji_core::wire::Value;
use koji_tests::{Database, TestBuilder, TestHub, make_task, parts};

fn call(session: &mut Session, method: &str, args: &[Value]) -> Value {
    session.call_named(method, args.to_vec(), vec![]).unwrap_or_else(|error| panic!("{method}: {error}"))
}

fn list(items: &[&str]) -> Value {
    Value::Array(items.iter().map(|item| Value::from(*item)).collect())
}

#[test]
fn a_level_waits_for_the_builds_before_it() {
    let hub = TestHub::start(Database::Sqlite);
    let builder = TestBuilder::start(&hub, "");
    let mut admin = hub.user("kojiadmin");
    let arches = vec![("arches".to_owned(), Value::from("x86_64"))];
    for (tag, more) in [("dest", vec![]), ("dest-build", arches)] {
        admin.call_named("createTag", vec![tag.into()], more).unwrap();
    }
    call(&mut admin, "createBuildTarget", &["chain".into(), "dest-build".into(), "dest".into()]);
    call(&mut admin, "createEmptyBuild", &["before".into(), "1".into(), "1".into(), Value::Nil]);
    call(&mut admin, "packageListAdd", &["dest-build".into(), "before".into(), "kojiadmin".into()]);
    call(&mut admin, "tagBuildBypass", &["dest-build".into(), "before-1-1".into()]);

    let levels = Value::Array(vec![list(&["before-1-1"]), list(&[])]);
    let task = make_task(&mut admin, "chainbuild", vec![levels, "chain".into()]);
    builder.result_of(&mut admin, task).unwrap();
    let parts = parts(&mut admin, task);
    assert_eq!((parts.len(), parts[0].1.as_str(), parts[0].2), (1, "waitrepo", "CLOSED"));
    let info = call(&mut admin, "getTaskInfo", &[parts[0].0.into()]);
    assert_eq!(koji_core::client::field(&info, "label").as_str(), Some("wait 1"));

    let scratch = Value::Struct(vec![("scratch".into(), true.into())]);
    for (params, fault) in [
        (vec![Value::Array(vec![]), "nowhere".into()], "unknown build target: nowhere"),
        (vec![Value::Array(vec![]), "chain".into(), scratch], "--scratch is not allowed with chain-builds"),
    ] {
        let error = builder.run(&mut admin, "chainbuild", params).unwrap_err();
        assert!(error.message.contains(fault), "{error}");
    }
}
