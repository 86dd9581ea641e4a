//! Builds that want more of the machine than there is: they fail, and the builder goes on.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use koji_core::client::Upload;
use koji_core::client::watch::State;
use koji_core::wire::Value;
use koji_tests::{Database, SourcePackage, TestBuilder, TestHub, make_task, rpm_of};

use super::distribution::{Distribution, can_enclose};

/// A small file system in memory, in a directory.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts one; says why not, if this machine does not let a test do so.
    fn mount(dir: &Path, size: &str) -> Option<Self> {
        std::fs::create_dir_all(dir).unwrap();
        let size = format!("size={size},mode=755");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "none"]).arg(dir).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self(dir.to_owned()));
        }
        skipped("no disk was filled: mounting is not permitted here");
        None
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.0).status());
    }
}

/// Written past the test harness, which keeps what a test prints that does not fail.
fn skipped(why: &str) {
    std::io::stderr().write_all(format!("SKIPPED, {why}\n").as_bytes()).unwrap();
}

#[test]
fn a_full_disk_fails_the_task_and_not_the_builder() {
    let hub = TestHub::start(Database::Sqlite);
    let Some(disk) = SmallDisk::mount(&hub.scratch().join("disk"), "12m") else { return };
    for words in [
        "add-tag f40 --arches x86_64",
        "add-tag f40-build --parent f40 --arches x86_64 -x rebuild_srpm=False",
        "add-target f40 f40-build f40",
        "add-pkg f40 foo --owner alice",
        "add-group f40-build build",
    ] {
        hub.admin(&words.split(' ').collect::<Vec<_>>());
    }
    let mut builder =
        TestBuilder::start(&hub, &format!("buildroot = host\nworkdir = {}\n", disk.0.display()));
    let mut admin = hub.user("kojiadmin");
    let mut build = |version: &str, lines: &str| {
        let package = SourcePackage { name: "foo", version, build_arch: "noarch", requires: "" };
        let dir = hub.scratch().join(version);
        std::fs::create_dir(&dir).unwrap();
        let spec = package.spec().replace("%build\n", &format!("%build\n{lines}\n"));
        std::fs::write(dir.join("foo.spec"), spec).unwrap();
        let top = format!("_topdir {}", dir.display());
        let mut rpmbuild = Command::new("rpmbuild");
        assert!(
            rpmbuild
                .args(["--quiet", "-bs", "-D", &top])
                .arg(dir.join("foo.spec"))
                .status()
                .unwrap()
                .success()
        );
        let source = rpm_of(&dir.join("SRPMS"), "foo");
        admin.upload(&Upload { overwrite: true, ..Upload::new(&source, "sources") }, &mut |_| {}).unwrap();
        let path = format!("sources/{}", source.file_name().unwrap().to_str().unwrap());
        let task = admin.call_named("build", vec![path.into(), "f40".into()], vec![]).unwrap();
        builder.result_of(&mut admin, task.as_int().unwrap())
    };
    let error = build("1", "cat /dev/zero > filler").unwrap_err();
    let told = format!("no disk space is left in {}", disk.0.display());
    assert!(error.message.contains(&told), "{error}");
    build("2", "true").unwrap();
    let log = builder.log();
    assert_eq!(log.matches("the builder is ready").count(), 1, "{log}");
    builder.stop();
}

/// A spec file that runs some lines.
fn spec(name: &str, build: &str) -> String {
    format!(
        "%global debug_package %{{nil}}\nName: {name}\nVersion: 1\nRelease: 1\nSummary: A package for tests\nLicense: MIT\n\
         BuildArch: noarch\n%description\nA package for tests.\n%build\n{build}\n\
         %install\nmkdir -p %{{buildroot}}/usr/share/{name}\n%files\n/usr/share/{name}\n"
    )
}

/// What most processes that a build has are.
const MOST: u64 = 60;

/// Starts processes that start processes; none of them ends by itself.
const BOMB: &str =
    "cat > bomb <<'END'\n#!/bin/bash\nsleep 876543 &\n\"$0\" &\n\"$0\" &\nwait\nEND\nchmod 755 bomb\n./bomb";

#[test]
fn a_fork_bomb_stays_in_its_buildroot() {
    if !can_enclose() {
        return;
    }
    let mut dist = Distribution::new();
    ["bomb", "calm"].iter().for_each(|name| dist.add_package("dist", name));
    let config = format!("buildroot = chroot\nbuildroot_processes = {MOST}\nrpmbuild_timeout = 25");
    let builder = TestBuilder::start(&dist.hub, &config);
    let task = dist.submit("bomb", &spec("bomb", BOMB));
    let mut most = 0;
    while !dist.has_ended(task) {
        most = most.max(sleepers().len() as u64);
        std::thread::sleep(std::time::Duration::from_millis(300));
    }
    assert_eq!(dist.wait(task), State::Failed, "{}", dist.story(task));
    let story = dist.story(task);
    assert!((5..=MOST).contains(&most), "{most} at a time\n{story}");
    assert!(sleepers().is_empty(), "{:?}", sleepers());
    dist.build("calm", &spec("calm", "true"));
    let mut admin = dist.hub.user("kojiadmin");
    let task = make_task(&mut admin, "sleep", vec![Value::from(1)]);
    builder.result_of(&mut admin, task).unwrap();
}

#[test]
fn a_build_that_wants_too_much_memory_is_ended() {
    if !can_enclose() {
        return;
    }
    let mut dist = Distribution::new();
    ["hog", "modest"].iter().for_each(|name| dist.add_package("dist", name));
    let _builder = TestBuilder::start(&dist.hub, "buildroot = chroot\nbuildroot_memory = 200\n");
    // tail keeps all of a line that has no end
    let build = |megabytes: u32| format!("head -c {megabytes}m /dev/zero | tail -n 1 | wc -c");
    dist.build("modest", &spec("modest", &build(50)));
    let task = dist.submit("hog", &spec("hog", &format!("set -o pipefail\n{}", build(400))));
    assert_eq!(dist.wait(task), State::Failed, "{}", dist.story(task));
    let built = dist.subtask(task, "buildArch").unwrap();
    let log = dist.output(built, "root.log");
    assert!(log.contains("limits: 209715200 bytes of memory"), "{log}");
    let told = dist.output(built, "build.log");
    assert!(["Killed", "memory exhausted"].iter().any(|word| told.contains(word)), "{}", dist.story(task));
}

/// The processes that the bomb has started.
fn sleepers() -> Vec<String> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let lines = entries.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    lines
        .filter(|line| line == b"sleep\x00876543\x00")
        .map(|line| String::from_utf8_lossy(&line).into())
        .collect()
}

#[test]
fn without_control_groups_each_process_is_limited() {
    if !can_enclose() {
        return;
    }
    let mut dist = Distribution::new();
    dist.add_package("dist", "limited");
    let config = "buildroot = chroot\nbuildroot_processes = 77\nbuildroot_memory = 600\n";
    // the builder sees a machine whose control groups are not mounted
    let hide = "umount -l /sys/fs/cgroup/* /sys/fs/cgroup 2>/dev/null; exec \"$0\" \"$@\"";
    let by = ["unshare", "-m", "--propagation", "private", "sh", "-c", hide];
    let _builder = TestBuilder::start_by(&dist.hub, config, &by);
    let build = "test \"$(ulimit -u)\" = 77\ntest \"$(ulimit -d)\" = $((600 * 1024))";
    let task = dist.build("limited", &spec("limited", build));
    let built = dist.subtask(task, "buildArch").unwrap();
    let log = dist.output(built, "root.log");
    assert!(
        log.contains(
            "77 processes, for each process only, because this machine has no control groups for memory"
        ),
        "{log}"
    );
}
