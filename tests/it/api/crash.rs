//! A hub that is killed in the middle of its work loses no answered call and leaves nothing half done.

use std::path::Path;
use std::time::Duration;

use koji_core::client::{Session, Upload, field};
use koji_core::wire::Value;
use koji_tests::{SourcePackage, TestHub, each_database};

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

fn import(session: &mut Session, rpm: &Path, dir: &str) -> koji_core::Result<Value> {
    session.upload(&Upload { overwrite: true, ..Upload::new(rpm, dir) }, &mut |_| ())?;
    let name = rpm.file_name().unwrap().to_string_lossy();
    session.call_named("importRPM", vec![text(dir), text(&name)], vec![])
}

/// How long the hub may work before it is killed, in microseconds: from before the call is read to after its answer.
const DELAYS_US: [u64; 8] = [0, 500, 1_500, 3_000, 6_000, 12_000, 25_000, 60_000];

#[test]
fn an_import_is_whole_or_absent() {
    each_database(|database| {
        let mut hub = TestHub::start(database);
        for (round, delay) in DELAYS_US.into_iter().enumerate() {
            let version = format!("1.{round}");
            let package =
                SourcePackage { name: "crash", version: &version, build_arch: "noarch", requires: "" };
            let rpm = package.source_rpm(&hub.scratch().join("rpms").join(&version));
            let mut session = hub.user("kojiadmin");
            let dir = format!("crash-{round}");
            let caller = std::thread::spawn(move || import(&mut session, &rpm, &dir));
            std::thread::sleep(Duration::from_micros(delay));
            hub.kill();
            let answered = caller.join().unwrap().is_ok();
            hub.restart();
            check_build(&hub, &version, answered);
        }
    });
}

/// The build, if the database has it, has its file; if it was answered, the database has it.
fn check_build(hub: &TestHub, version: &str, answered: bool) {
    let nvr = format!("crash-{version}-1");
    let build = hub.anonymous().call_named("getBuild", vec![text(&nvr)], vec![]).unwrap();
    let dir = hub.topdir().join("packages/crash").join(version).join("1");
    let file = dir.join("src").join(format!("{nvr}.src.rpm"));
    if build == Value::Nil {
        assert!(!answered, "{nvr} was answered and is lost");
        return;
    }
    assert_eq!(field(&build, "state"), &Value::Int(1), "{nvr} is half there");
    assert!(file.is_file(), "{nvr} has no file {}", file.display());
    let size = field(
        &hub.anonymous().call_named("getRPM", vec![text(&format!("{nvr}.src"))], vec![]).unwrap(),
        "size",
    )
    .clone();
    assert_eq!(size, Value::Int(file.metadata().unwrap().len().cast_signed()), "{nvr} has a cut file");
}

#[test]
fn tagging_many_builds_is_all_or_nothing() {
    each_database(|database| {
        let mut hub = TestHub::start(database);
        let mut admin = hub.user("kojiadmin");
        admin.call_named("createTag", vec![text("crash")], vec![]).unwrap();
        let builds: Vec<Value> = (0..60).map(|i| text(&format!("pkg-{i}-1"))).collect();
        for i in 0..60 {
            let nvr = [text("pkg"), Value::Int(i), Value::Int(1)].map(|part| match part {
                Value::Int(number) => text(&number.to_string()),
                other => other,
            });
            admin.call_named("createEmptyBuild", [nvr.to_vec(), vec![Value::Nil]].concat(), vec![]).unwrap();
        }
        let add = vec![text("crash"), text("pkg"), text("kojiadmin")];
        admin.call_named("packageListAdd", add, vec![]).unwrap();
        let mut tagged = 0;
        for delay in DELAYS_US {
            let mut session = hub.user("kojiadmin");
            let builds = builds.clone();
            let caller = std::thread::spawn(move || {
                session.call_named("massTag", vec![text("crash"), Value::Array(builds)], vec![])
            });
            std::thread::sleep(Duration::from_micros(delay));
            hub.kill();
            let answered = caller.join().unwrap().is_ok();
            hub.restart();
            let Value::Array(list) =
                hub.anonymous().call_named("listTagged", vec![text("crash")], vec![]).unwrap()
            else {
                panic!("listTagged answers no list");
            };
            assert!(list.len() == tagged || list.len() == 60, "{} of 60 builds are tagged", list.len());
            assert!(!answered || list.len() == 60, "an answered call is lost");
            tagged = list.len();
        }
    });
}
