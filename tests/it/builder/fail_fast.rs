//! Builds for several arches of which one fails: with `--fail-fast` the others are called off.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use koji_core::client::field;
use koji_tests::{Database, SourcePackage, TestBuilder, TestHub, parts, rpm_of};

/// A source rpm that fails for one arch at once, and takes its time for the other.
fn source(hub: &TestHub, version: &str, seconds: u32) -> PathBuf {
    let package = SourcePackage { name: "uneven", version, build_arch: "", requires: "" };
    let build = format!(
        "%build\nif test %{{_target_cpu}} = i686; then echo fails; exit 1; fi\nsleep {seconds}\necho slept well\n"
    );
    let dir = hub.scratch().join(version);
    fs::create_dir(&dir).unwrap();
    fs::write(dir.join("uneven.spec"), package.spec().replace("%build\n", &build)).unwrap();
    let top = format!("_topdir {}", dir.display());
    let built =
        Command::new("rpmbuild").args(["--quiet", "-bs", "-D", &top]).arg(dir.join("uneven.spec")).status();
    assert!(built.unwrap().success());
    rpm_of(&dir.join("SRPMS"), "uneven")
}

#[test]
fn the_first_failure_calls_the_other_arches_off() {
    let hub = TestHub::start(Database::Sqlite);
    for words in
        ["edit-host builder --arches", "add-tag f40 --arches", "add-tag f40-build --parent f40 --arches"]
    {
        let mut words: Vec<_> = words.split(' ').collect();
        words.push("x86_64 i686");
        hub.admin(&words);
    }
    for words in [
        "edit-host builder --capacity 9",
        "add-target f40 f40-build f40",
        "add-pkg f40 uneven --owner alice",
        "add-group f40-build build",
        "add-group f40-build srpm-build",
    ] {
        hub.admin(&words.split(' ').collect::<Vec<_>>());
    }
    hub.admin(&["edit-host", "builder", "--arches", "x86_64 i386"]);
    // arches may fail without the others, unless a build says that they may not
    let builder = TestBuilder::start(&hub, "buildroot = host\nbuild_arch_can_fail = yes\n");
    let mut admin = hub.user("kojiadmin");
    let mut build = |words: &[&str], source: PathBuf| {
        let source = source.to_str().unwrap().to_owned();
        let words = [&["build", "--nowait"], words, &["f40", &source]].concat();
        let text = hub.admin(&words);
        let task: i64 =
            text.lines().find_map(|line| line.strip_prefix("Created task: ")).unwrap().parse().unwrap();
        let error = builder.result_of(&mut admin, task).unwrap_err();
        assert!(error.message.contains("error building package (arch i686)"), "{error}\n{}", builder.log());
        let mut states: Vec<_> = parts(&mut admin, task)
            .into_iter()
            .filter(|(_, method, _)| method == "buildArch")
            .map(|(part, _, state)| {
                let info = admin.call_named("getTaskInfo", vec![part.into()], vec![]).unwrap();
                (field(&info, "label").as_str().unwrap().to_owned(), state)
            })
            .collect();
        states.sort_unstable();
        states
    };
    let pair = |i686, x86_64| [("i686".to_owned(), i686), ("x86_64".to_owned(), x86_64)];
    let begun = Instant::now();
    assert_eq!(build(&["--fail-fast"], source(&hub, "1", 300)), pair("FAILED", "CANCELED"));
    assert!(begun.elapsed() < Duration::from_secs(100), "{:?}", begun.elapsed());
    assert_eq!(build(&[], source(&hub, "2", 8)), pair("FAILED", "CLOSED"));
    // nothing of the one that was called off goes on
    let deadline = Instant::now() + Duration::from_secs(30);
    while !builder.left().is_empty() || !builder.task_pids().is_empty() {
        assert!(Instant::now() < deadline, "{:?} {:?}", builder.left(), builder.task_pids());
        std::thread::sleep(Duration::from_millis(200));
    }
}
