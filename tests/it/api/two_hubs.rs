//! Two hubs on one database and one directory: what one does the other knows, and nothing is done twice.

use std::thread;

use koji_core::Fault;
use koji_core::client::{Session, Upload};
use koji_core::wire::Value;
use koji_tests::{SourcePackage, TestHub, each_database};

fn call(session: &mut Session, method: &str, args: &[Value]) -> Value {
    session.call_named(method, args.to_vec(), vec![]).unwrap_or_else(|error| panic!("{method}: {error}"))
}

/// What calls came to that were made at the same time, each by a session of its own, in turn over either hub.
fn at_once(
    hubs: [&TestHub; 2],
    calls: Vec<(&'static str, Vec<Value>)>,
) -> Vec<Result<Value, koji_core::Error>> {
    let start = std::sync::Barrier::new(calls.len());
    let start = &start;
    thread::scope(|scope| {
        let callers: Vec<_> = calls
            .into_iter()
            .enumerate()
            .map(|(at, (method, args))| {
                let mut session = hubs[at % 2].user("kojiadmin");
                scope.spawn(move || {
                    start.wait();
                    session.call_named(method, args, vec![])
                })
            })
            .collect();
        callers.into_iter().map(|caller| caller.join().unwrap()).collect()
    })
}

fn faults(answers: &[Result<Value, koji_core::Error>]) -> Vec<Fault> {
    answers.iter().filter_map(|answer| answer.as_ref().err()).map(|error| error.fault).collect()
}

#[test]
fn a_session_of_one_is_a_session_of_the_other() {
    each_database(|database| {
        let one = TestHub::start(database);
        let two = one.second();
        let mut mine = one.user("alice");
        let mut other = two.anonymous();
        other.resume(mine.credentials().unwrap().clone(), 10);
        assert_eq!(call(&mut other, "getLoggedInUser", &[]).get("name"), Some(&"alice".into()));
        other.logout().unwrap();
        assert_eq!(mine.call_named("getLoggedInUser", vec![], vec![]).unwrap_err().fault, Fault::Auth);
    });
}

#[test]
fn builds_are_tagged_once_whoever_asks() {
    each_database(|database| {
        let one = TestHub::start(database);
        let two = one.second();
        let mut admin = one.user("kojiadmin");
        call(&mut admin, "createTag", &["t".into()]);
        call(&mut admin, "packageListAdd", &["t".into(), "p".into(), "kojiadmin".into()]);
        let builds: Vec<Value> = (0..20).map(|i| format!("p-{i}-1").into()).collect();
        for i in 0..20 {
            let args = ["p".into(), i.to_string().into(), "1".into(), Value::Nil];
            call(&mut admin, "createEmptyBuild", &args);
        }
        let tagging = vec![("tagBuildBypass", vec!["t".into(), builds[0].clone()]); 6];
        let answers = at_once([&one, &two], tagging);
        assert_eq!(faults(&answers), [Fault::Tag; 5], "{answers:?}");

        // the same builds, in either order: nobody waits for the other for ever
        let backwards: Vec<Value> = builds.iter().rev().cloned().collect();
        let mass = |builds: &[Value]| ("massTag", vec!["t".into(), Value::Array(builds.to_vec())]);
        let answers =
            at_once([&one, &two], vec![mass(&builds), mass(&backwards), mass(&builds), mass(&backwards)]);
        assert_eq!(faults(&answers), [], "{answers:?}");
        assert_eq!(call(&mut admin, "listTagged", &["t".into()]).as_array().unwrap().len(), 20);

        let untagging = vec![("untagBuildBypass", vec!["t".into(), builds[0].clone()]); 4];
        let answers = at_once([&one, &two], untagging);
        assert_eq!(faults(&answers), [Fault::Tag; 3], "{answers:?}");
    });
}

#[test]
fn what_is_asked_for_twice_is_there_once() {
    each_database(|database| {
        let one = TestHub::start(database);
        let two = one.second();
        let mut admin = one.user("kojiadmin");
        call(&mut admin, "createTag", &["t".into(), Value::Nil, "x86_64".into()]);
        let asking = vec![("repo.request", vec!["t".into(), "last".into()]); 6];
        let answers = at_once([&one, &two], asking);
        let ids: Vec<_> =
            answers.iter().map(|it| it.as_ref().unwrap().get("request").unwrap().get("id")).collect();
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");

        let listing = vec![("packageListAdd", vec!["t".into(), "new".into(), "kojiadmin".into()]); 4];
        let extra = |key: &str| {
            let extra = Value::Struct(vec![(key.to_owned(), 1.into())]);
            (
                "editTag2",
                vec![
                    "t".into(),
                    Value::Struct(vec![("__starstar".to_owned(), true.into()), ("extra".to_owned(), extra)]),
                ],
            )
        };
        let editing = vec![extra("a"), extra("a"), extra("b"), extra("b")];
        for calls in [listing, editing] {
            let answers = at_once([&one, &two], calls);
            let unforeseen = faults(&answers).contains(&Fault::Unforeseen);
            assert!(!unforeseen, "{answers:?}");
        }
    });
}

#[test]
fn an_rpm_is_imported_once() {
    each_database(|database| {
        let one = TestHub::start(database);
        let two = one.second();
        let package = SourcePackage { name: "twice", version: "1", build_arch: "noarch", requires: "" };
        let rpm = package.source_rpm(&one.scratch().join("rpms"));
        let name = rpm.file_name().unwrap().to_string_lossy().into_owned();
        let mut admin = one.user("kojiadmin");
        let importing = (0..4)
            .map(|at| {
                let dir = format!("twice-{at}");
                admin.upload(&Upload::new(&rpm, &dir), &mut |_| ()).unwrap();
                ("importRPM", vec![dir.into(), name.clone().into()])
            })
            .collect();
        let answers = at_once([&one, &two], importing);
        assert_eq!(faults(&answers).len(), 3, "{answers:?}");
        assert_eq!(call(&mut admin, "listRPMs", &[]).as_array().unwrap().len(), 1);
        let file = one.topdir().join("packages/twice/1/1/src").join(name);
        assert_eq!(file.metadata().unwrap().len(), rpm.metadata().unwrap().len());
    });
}

#[test]
fn a_task_is_assigned_once() {
    each_database(|database| {
        let one = TestHub::start(database);
        let two = one.second();
        let mut admin = one.user("kojiadmin");
        let capacity = Value::Struct(vec![
            ("__starstar".to_owned(), true.into()),
            ("capacity".to_owned(), 100.0.into()),
        ]);
        call(&mut admin, "editHost", &["builder".into(), capacity]);
        let mut host = two.user("builder");
        host.exclusive_session(false).unwrap();
        call(&mut host, "host.updateHost", &[0.0.into(), true.into()]);
        let made =
            at_once([&one, &two], vec![("makeTask", vec!["sleep".into(), Value::Array(vec![1.into()])]); 12]);
        let runs = at_once([&one, &two], vec![("scheduler.doRun", vec![true.into()]); 4]);
        assert_eq!(faults(&runs), [], "{runs:?}");
        for task in made {
            let clause = Value::Array(vec!["task_id".into(), task.unwrap()]);
            let runs = call(&mut admin, "scheduler.getTaskRuns", &[Value::Array(vec![clause])]);
            assert_eq!(runs.as_array().unwrap().len(), 1, "{runs:?}");
        }
    });
}
