//! Builds in roots of our own.

use std::os::unix::fs::MetadataExt as _;
use std::process::Command;
use std::time::{Duration, Instant};

use koji_core::client::field;
use koji_core::rpm::RpmFile;
use koji_core::wire::Value;
use koji_tests::TestBuilder;

use super::distribution::{Distribution, call, can_enclose, text};

/// The beginning and the end of spec files.
fn spec(name: &str, head: &str, body: &str) -> String {
    format!(
        "%global debug_package %{{nil}}\nName: {name}\nVersion: 1\nRelease: 1\nSummary: A package for tests\nLicense: MIT\n\
         BuildArch: noarch\n{head}%description\nA package for tests.\n{body}\
         %install\nmkdir -p %{{buildroot}}/usr/share/{name}\ncp word %{{buildroot}}/usr/share/{name}/word\n\
         %files\n/usr/share/{name}\n"
    )
}

/// What must hold where a package is built.
const ENCLOSED: &str = "\
test \"$(id -un)\" = mockbuild
test \"$(echo $HOME)\" = /builddir
test ! -e TOPDIR
test \"$(ls /sys/class/net)\" = lo
test -r /proc/self/status
test \"$(ls /proc | grep -c '^[0-9]*$')\" -lt 20
touch /dev/shm/x
echo > /dev/null
if touch /usr/x 2>/dev/null; then exit 1; fi
";

/// The digest of what two builds wrote.
const ONE_TWO: &str = "c3f9c8c283a2b1f2f1896f27a01cbe3cddc0c9d93f752e4639035a0f5b36f6e8";

#[test]
fn packages_are_built_from_what_was_built_before() {
    if !can_enclose() {
        return;
    }
    let mut dist = Distribution::new();
    ["first", "second", "third"].iter().for_each(|name| dist.add_package("dist", name));
    let _builder = TestBuilder::start(&dist.hub, "buildroot = chroot");
    let enclosed = ENCLOSED.replace("TOPDIR", &dist.hub.topdir().to_string_lossy());
    dist.build("first", &spec("first", "", &format!("%build\n{enclosed}echo one > word\n")));
    dist.renew_repo();
    let body = "%build\ntest ! -e /usr/share/third\ncat /usr/share/first/word > word\necho two >> word\n";
    let second = dist.build("second", &spec("second", "BuildRequires: first >= 1\n", body));
    check_logs(&mut dist, second);
    check_listing(&mut dist, second);
    dist.renew_repo();
    let body = "%generate_buildrequires\ncat /usr/share/first/word > /dev/null\necho 'second = 1'\n\
                %build\ncat /usr/share/second/word > word\n";
    let third = dist.build("third", &spec("third", "BuildRequires: first\n", body));
    let built = dist.subtask(third, "buildArch").unwrap();
    assert!(dist.output(built, "root.log").contains("second"), "{}", dist.story(third));
    let rpm = dist.hub.topdir().join("packages/third/1/1/noarch/third-1-1.noarch.rpm");
    let files = RpmFile::open(&rpm).unwrap().files();
    let word = files.iter().find(|file| file.name.ends_with("/word")).unwrap();
    assert_eq!(word.digest, ONE_TWO);
}

#[test]
fn a_package_is_not_built_beside_what_it_conflicts_with() {
    if !can_enclose() {
        return;
    }
    let mut dist = Distribution::new();
    ["first", "second"].iter().for_each(|name| dist.add_package("dist", name));
    let _builder = TestBuilder::start(&dist.hub, "buildroot = chroot");
    dist.build("first", &spec("first", "Provides: old = 3\n", "%build\necho one > word\n"));
    dist.renew_repo();
    let body = "%build\necho two > word\n";
    let head = "BuildRequires: first\nBuildConflicts: old < 4, bootstrap-tools > 1, /usr/bin/rpmbuild\n";
    let task = dist.submit("second", &spec("second", head, body));
    assert_eq!(dist.wait(task).name(), "FAILED", "{}", dist.story(task));
    let part = dist.subtask(task, "buildArch").unwrap();
    let why = "beside what is installed: /usr/bin/rpmbuild, old < 4 (by first-1-1.noarch)";
    let error = dist.admin.call_named("getTaskResult", vec![part.into()], vec![]).unwrap_err();
    assert!(error.message.contains(why), "{error}");
    assert!(dist.output(part, "root.log").contains(why));
    let harmless = "BuildRequires: first\nBuildConflicts: old >= 4, bootstrap-tools < 1, /usr/bin/nothing\n";
    dist.build("second", &spec("second", harmless, body));
}

/// All logs are there, and tell what they are for.
fn check_logs(dist: &mut Distribution, task: i64) {
    let built = dist.subtask(task, "buildArch").unwrap();
    for (log, holds) in [
        ("root.log", "limits: "),
        ("root.log", "first"),
        ("build.log", "rpmbuild -ba --nodeps"),
        ("state.log", "Start: rpmbuild second-1-1.src.rpm"),
        ("hw_info.log", "MemTotal"),
        ("installed_pkgs.log", "first-1-1.noarch"),
    ] {
        let text = dist.output(built, log);
        assert!(text.contains(holds), "{log} lacks {holds}:\n{text}");
    }
    let logs = call(&mut dist.admin, "getBuildLogs", &[text("second-1-1")]);
    let names: Vec<_> =
        logs.as_array().unwrap().iter().filter_map(|log| field(log, "name").as_str()).collect();
    for name in ["root.log", "build.log", "state.log", "hw_info.log", "installed_pkgs.log"] {
        assert!(names.contains(&name), "{name} is not among {names:?}");
    }
}

/// The hub knows what was installed.
fn check_listing(dist: &mut Distribution, task: i64) {
    let built = dist.subtask(task, "buildArch").unwrap();
    let named = vec![("taskID".to_owned(), Value::from(built))];
    let roots = dist.admin.call_named("listBuildroots", vec![], named).unwrap();
    let root = roots.as_array().unwrap()[0].clone();
    assert_eq!(field(&root, "state").as_int(), Some(3));
    let named = vec![("componentBuildrootID".to_owned(), field(&root, "id").clone())];
    let rpms = dist.admin.call_named("listRPMs", vec![], named).unwrap();
    let mut names: Vec<_> =
        rpms.as_array().unwrap().iter().filter_map(|rpm| field(rpm, "name").as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["bootstrap-tools", "first"]);
}

/// The processes of this machine whose command line holds a word.
fn processes(word: &str) -> Vec<u32> {
    let find = |entry: std::fs::DirEntry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let line = std::fs::read(entry.path().join("cmdline")).ok()?;
        String::from_utf8_lossy(&line).replace('\0', " ").contains(word).then_some(pid)
    };
    std::fs::read_dir("/proc").unwrap().flatten().filter_map(find).collect()
}

/// Waits until something holds.
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(120);
    while !holds() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn nothing_is_left_of_a_killed_builder() {
    if !can_enclose() {
        return;
    }
    let mut dist = Distribution::new();
    dist.add_package("dist", "sleeper");
    let mut builder = TestBuilder::start(&dist.hub, "buildroot = chroot");
    let buildroots = builder.workdir().join("buildroots");
    let word = format!("sleep 9{}", std::process::id());
    let word = word.as_str();
    let begins = || until("the build begins", || !processes(word).is_empty());
    let is_gone = || {
        until("all processes end", || processes(word).is_empty());
        let mounts = std::fs::read_to_string("/proc/mounts").unwrap();
        assert!(!mounts.contains(buildroots.to_str().unwrap()), "{mounts}");
    };
    let task = dist.submit("sleeper", &spec("sleeper", "", &format!("%build\n{word} & {word}\n")));
    // the process of the task is killed: the daemon gives the task back, cleans up, and takes it again
    begins();
    let built = dist.subtask(task, "buildArch").unwrap_or_else(|| panic!("{}", dist.story(task)));
    let victim = processes(&format!("--run-task {built}"))[0];
    assert!(Command::new("kill").args(["-KILL", &victim.to_string()]).status().unwrap().success());
    is_gone();
    begins();
    assert_eq!(std::fs::read_dir(&buildroots).unwrap().count(), 1);
    // the daemon is killed, and all its tasks with it
    builder.kill();
    is_gone();
    builder.restart();
    begins();
    assert_eq!(std::fs::read_dir(&buildroots).unwrap().count(), 1);
    // the task is called off
    call(&mut dist.admin, "cancelTask", &[task.into()]);
    is_gone();
    until("the directories are removed", || std::fs::read_dir(&buildroots).unwrap().count() == 0);
    let inode = std::fs::metadata(builder.workdir()).unwrap().ino();
    let find =
        Command::new("find").args(["/sys/fs/cgroup", "-name", &format!("kojid-{inode}-*")]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&find.stdout), "");
}

#[test]
fn commands_run_in_roots_whose_files_came_by_http_and_failed_ones_are_saved() {
    if !can_enclose() {
        return;
    }
    let mut dist = Distribution::new();
    ["good", "bad"].iter().for_each(|name| dist.add_package("dist", name));
    let create = vec![("create".to_owned(), Value::from(true))];
    dist.admin.call_named("addHostToChannel", vec!["builder".into(), "runroot".into()], create).unwrap();
    let topurl = format!("http://{}/kojifiles", dist.hub.address());
    let builder = TestBuilder::start(&dist.hub, &format!("buildroot = chroot\ntopurl = {topurl}"));
    dist.build("good", &spec("good", "", "%build\necho word > word\n"));
    dist.renew_repo();

    let command = "id -u; cat /usr/share/good/word; ls -d /builddir; test ! -e /home || exit 4";
    let arch = std::env::consts::ARCH;
    let packages = vec![("packages".to_owned(), Value::Array(vec!["good".into()]))];
    let args = vec!["dist-build".into(), arch.into(), command.into()];
    let task = dist.admin.call_named("runroot", args, packages).unwrap().as_int().unwrap();
    let done = builder.result_of(&mut dist.admin, task);
    assert_eq!(
        done.unwrap_or_else(|error| panic!("{error}\n{}", dist.story(task))).as_str(),
        Some("id completed successfully")
    );
    let log = dist.output(task, "runroot.log");
    assert!(log.ends_with("0\nword\n/builddir\n"), "{log}");

    let failed = dist.submit("bad", &spec("bad", "", "%build\necho left > left-behind\nexit 9\n"));
    assert_eq!(dist.wait(failed).name(), "FAILED");
    let part = dist.subtask(failed, "buildArch").unwrap();
    let wanted = vec![("taskID".to_owned(), Value::from(part))];
    let roots = dist.admin.call_named("listBuildroots", vec![], wanted).unwrap();
    let id = field(&roots.as_array().unwrap()[0], "id").as_int().unwrap();
    let task = call(&mut dist.admin, "saveFailedTree", &[id.into()]).as_int().unwrap();
    builder.result_of(&mut dist.admin, task).unwrap();
    let dir = dist.hub.topdir().join("work").join(koji_core::paths::task_relative(task));
    let packed = dir.join(format!("broot-{id}.tar.gz"));
    let listed = Command::new("tar").arg("-tzf").arg(&packed).output().unwrap().stdout;
    let listed = String::from_utf8(listed).unwrap();
    assert!(listed.contains("/left-behind\n"), "{listed}");
}
