//! Sources that nobody should build: the task fails and says why, nothing is written elsewhere, and the builder goes on.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use koji_core::client::{OutputPlace, Session, Upload, field};
use koji_core::wire::Value;
use koji_tests::{CraftedFile, CraftedSource, Database, SourcePackage, TestBuilder, TestHub, parts, rpm_of};

/// A hub with the target `f40`, where the tag `raw-build` has source rpms built as they come, and a builder.
struct Scene {
    hub: TestHub,
    admin: Session,
    builder: TestBuilder,
}

impl Scene {
    fn set(config: &str) -> Self {
        let hub = TestHub::start(Database::Sqlite);
        for words in [
            "add-tag f40 --arches x86_64",
            "add-tag f40-build --parent f40 --arches x86_64",
            "add-tag raw-build --parent f40 --arches x86_64 -x rebuild_srpm=False",
            "add-target f40 f40-build f40",
            "add-target raw raw-build f40",
            "add-pkg f40 foo --owner alice",
            "add-group f40-build build",
            "add-group f40-build srpm-build",
            "add-group raw-build build",
        ] {
            hub.admin(&words.split(' ').collect::<Vec<_>>());
        }
        let builder = TestBuilder::start(&hub, &format!("buildroot = host\n{config}"));
        Self { admin: hub.user("kojiadmin"), hub, builder }
    }

    /// Begins to build a source rpm; the task.
    fn submit(&mut self, target: &str, source: &Path) -> i64 {
        let upload = Upload { overwrite: true, ..Upload::new(source, "sources") };
        self.admin.upload(&upload, &mut |_| {}).unwrap();
        let path = format!("sources/{}", source.file_name().unwrap().to_str().unwrap());
        let scratch = Value::Struct(vec![("scratch".into(), true.into())]);
        let args = vec![path.into(), target.into(), scratch];
        self.admin.call_named("build", args, vec![]).unwrap().as_int().unwrap()
    }

    /// Why source rpms can't be built for either target, which all are tried at once.
    fn failures(&mut self, sources: &[PathBuf]) -> Vec<[String; 2]> {
        let tasks: Vec<_> =
            sources.iter().map(|source| ["f40", "raw"].map(|target| self.submit(target, source))).collect();
        let mut why = |task| {
            let failed = self.builder.result_of(&mut self.admin, task);
            failed.map(|result| panic!("built: {result:?}")).unwrap_err().message
        };
        tasks.into_iter().map(|pair| pair.map(&mut why)).collect()
    }

    /// The builder still does what it is asked for.
    fn still_works(&mut self) {
        let dir = self.hub.scratch().join("good");
        let good = SourcePackage { name: "foo", version: "2", build_arch: "noarch", requires: "" };
        let task = self.submit("f40", &good.source_rpm(&dir));
        let done = self.builder.result_of(&mut self.admin, task);
        done.unwrap_or_else(|error| panic!("{error}\n{}", self.builder.log()));
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.hub.scratch().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }
}

fn good_source(scene: &Scene) -> Vec<u8> {
    let package = SourcePackage { name: "foo", version: "1", build_arch: "noarch", requires: "" };
    fs::read(package.source_rpm(&scene.hub.scratch().join("src"))).unwrap()
}

#[test]
fn what_is_no_source_rpm_or_not_whole_is_refused() {
    let mut scene = Scene::set("");
    let whole = good_source(&scene);
    let binary = SourcePackage { name: "bin", version: "1", build_arch: "noarch", requires: "" };
    let binary = fs::read(binary.binary_rpm(&scene.hub.scratch().join("bin"))).unwrap();
    let mut changed = whole.clone();
    *changed.last_mut().unwrap() ^= 1;
    let text: &[u8] =
        b"no rpm at all, but a text that is longer than the lead of one, which has 96 bytes, all told";
    let bad: [(&str, &[u8], &str); 6] = [
        ("short-1-1.src.rpm", &whole[..whole.len() - 30], "is cut off or damaged"),
        ("changed-1-1.src.rpm", &changed, "is cut off or damaged"),
        ("head-1-1.src.rpm", &whole[..400], "cannot read it as an rpm"),
        ("empty-1-1.src.rpm", &[], "cannot read it as an rpm"),
        ("text-1-1.src.rpm", text, "cannot read it as an rpm"),
        ("binary-1-1.src.rpm", &binary, "is not a source package"),
    ];
    let paths = bad.map(|(name, bytes, _)| scene.file(name, bytes));
    for ((name, _, told), texts) in bad.iter().zip(scene.failures(&paths)) {
        for text in texts {
            assert!(text.contains(told) && text.contains(name), "{name}: {text}");
        }
    }
    scene.still_works();
}

#[test]
fn a_source_rpm_writes_nowhere_but_where_it_is_unpacked() {
    let mut scene = Scene::set("");
    let spec = "Name: foo\nVersion: 1\nRelease: 1\nSummary: A package for tests\nLicense: MIT\nBuildArch: noarch\n\
                %description\nA package for tests.\n%files\n";
    let spec = CraftedFile { name: "foo.spec", text: spec, is_link: false };
    let outside = scene.hub.scratch().join("outside");
    fs::create_dir(&outside).unwrap();
    let outside = outside.to_str().unwrap();
    let up = format!("../../../../../../../../../..{outside}/x");
    let absolute = format!("{outside}/x");
    let file = |name, text, is_link| CraftedFile { name, text, is_link };
    let bad = [
        (vec![spec, file(&up, "x", false)], "/outside/x\""),
        (vec![spec, file(&absolute, "x", false)], "/outside/x\""),
        (vec![spec, file("data", "/etc/passwd", true)], "\"data\""),
        (vec![spec, file("dir", outside, true), file("dir/x", "x", false)], "\"dir\""),
        (vec![file("foo.spec", "/etc/passwd", true)], "\"foo.spec\""),
        (vec![spec, file("..", "x", false)], "\"..\""),
    ];
    let paths: Vec<_> = bad
        .iter()
        .enumerate()
        .map(|(at, (files, _))| {
            scene.file(&format!("foo-{at}.src.rpm"), &CraftedSource { name: "foo", files }.bytes())
        })
        .collect();
    for ((_, named), texts) in bad.iter().zip(scene.failures(&paths)) {
        for text in texts {
            assert!(text.contains(named) && text.contains("not a plain file of its own directory"), "{text}");
        }
    }
    assert_eq!(fs::read_dir(outside).unwrap().count(), 0);
    // what is refused is the path, not that rpmbuild has not made it
    let bytes = CraftedSource { name: "foo", files: &[spec] }.bytes();
    let path = scene.file("foo-plain.src.rpm", &bytes);
    let task = scene.submit("f40", &path);
    let done = scene.builder.result_of(&mut scene.admin, task);
    done.unwrap_or_else(|error| panic!("{error}\n{}", scene.builder.log()));
}

/// A source rpm whose build runs some lines.
fn source_with(scene: &Scene, name: &str, build: &str) -> PathBuf {
    let package = SourcePackage { name: "foo", version: "1", build_arch: "noarch", requires: "" };
    let dir = scene.hub.scratch().join(name);
    fs::create_dir(&dir).unwrap();
    fs::write(dir.join("foo.spec"), package.spec().replace("%build\n", &format!("%build\n{build}\n")))
        .unwrap();
    let top = format!("_topdir {}", dir.display());
    let built =
        Command::new("rpmbuild").args(["--quiet", "-bs", "-D", &top]).arg(dir.join("foo.spec")).status();
    assert!(built.unwrap().success());
    rpm_of(&dir.join("SRPMS"), "foo")
}

/// The log of the part that builds.
fn build_log(scene: &mut Scene, task: i64) -> Vec<u8> {
    let parts = parts(&mut scene.admin, task);
    let (part, _, _) = parts.iter().find(|(_, method, _)| method == "buildArch").unwrap();
    let place = OutputPlace { task_id: *part, name: "build.log", volume: "DEFAULT" };
    scene.admin.task_output(place, 0, -1).unwrap()
}

#[test]
fn a_log_may_hold_any_bytes() {
    let mut scene = Scene::set("");
    let build = r"printf 'odd: \377\376\000\033[31m\001 <&> \303\050 end\n'
head -c 70000 /dev/urandom
printf 'E\314\210rror: \377 is needed by \376\n'
exit 7";
    let source = source_with(&scene, "odd", build);
    let task = scene.submit("raw", &source);
    let error = scene.builder.result_of(&mut scene.admin, task).unwrap_err();
    assert!(error.message.contains("see build.log for more information"), "{error}");
    let log = build_log(&mut scene, task);
    let line = b"odd: \xff\xfe\0\x1b[31m\x01 <&> \xc3\x28 end\n";
    assert!(log.windows(line.len()).any(|part| part == line), "{}", log.len());
    assert!(log.len() > 70_000);
    // the command shows it, and does not stumble
    let built = parts(&mut scene.admin, task);
    let shown = scene.hub.koji("alice", &["watch-logs", &built.last().unwrap().0.to_string()]);
    assert!(shown.status.success(), "{}", String::from_utf8_lossy(&shown.stderr));
    let told = scene.hub.koji("alice", &["taskinfo", "-r", "-v", &task.to_string()]);
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    scene.still_works();
}

#[test]
fn a_log_without_end_is_cut() {
    let mut scene = Scene::set("max_log_size = 3\n");
    let source = source_with(&scene, "endless", "yes 'all work and no play' ; true");
    let begun = Instant::now();
    let task = scene.submit("raw", &source);
    let error = scene.builder.result_of(&mut scene.admin, task).unwrap_err();
    let told = "build.log became longer than 3 MB (max_log_size), so its program was ended";
    assert!(error.message.contains(told), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(90), "{:?}", begun.elapsed());
    let log = build_log(&mut scene, task);
    assert!(log.len() < 8 << 20, "{}", log.len());
    let end = String::from_utf8_lossy(&log[log.len() - 80..]).into_owned();
    assert!(end.contains("the builder has cut the log here"), "{end}");
    assert_eq!(scene.builder.left(), [] as [String; 0]);
    let failed = scene.admin.call_named("getTaskInfo", vec![task.into()], vec![]).unwrap();
    assert_eq!(field(&failed, "state").as_int(), Some(5));
    scene.still_works();
}

#[test]
fn a_host_tells_what_it_lacks_and_what_it_has_too_much() {
    let mut scene = Scene::set("");
    // what this machine has installed is for the test to say
    let (dir, db) = (scene.hub.scratch().join("wants"), scene.hub.scratch().join("db"));
    let installed = SourcePackage { name: "bar", version: "1", build_arch: "noarch", requires: "" };
    let installed = installed.binary_rpm(&scene.hub.scratch().join("bar"));
    let is_debian = Path::new("/etc/debian_version").exists();
    let database = format!("{}", db.display());
    let force = is_debian.then_some("--force-debian");
    let install = ["--justdb", "--nodeps", "-i", installed.to_str().unwrap()];
    for words in [vec!["--initdb"], force.into_iter().chain(install).collect()] {
        let mut rpm = Command::new("rpm");
        rpm.args(["--dbpath", &database]).args(words);
        assert!(rpm.status().unwrap().success());
    }
    let open = Command::new("chmod").args(["-R", "a+rX"]).arg(&db).arg(scene.hub.scratch()).status();
    assert!(open.unwrap().success());
    scene.hub.admin(&["edit-tag", "raw-build", "-x", &format!("rpm.macro._dbpath={database}")]);
    let package = SourcePackage { name: "foo", version: "1", build_arch: "noarch", requires: "" };
    let wants = "BuildRequires: zork >= 3\nBuildRequires: bar\nBuildConflicts: bar < 2\n%description\n";
    fs::create_dir(&dir).unwrap();
    fs::write(dir.join("foo.spec"), package.spec().replacen("%description\n", wants, 1)).unwrap();
    let top = format!("_topdir {}", dir.display());
    let mut rpmbuild = Command::new("rpmbuild");
    assert!(
        rpmbuild
            .args(["--quiet", "-bs", "--nodeps", "-D", &top])
            .arg(dir.join("foo.spec"))
            .status()
            .unwrap()
            .success()
    );
    let task = scene.submit("raw", &rpm_of(&dir.join("SRPMS"), "foo"));
    let error = scene.builder.result_of(&mut scene.admin, task).unwrap_err();
    for told in [
        "neither installed on this host nor in the tag's repository: zork >= 3;",
        "the package conflicts with it: bar < 2;",
        "set buildroot = chroot or mock",
    ] {
        assert!(error.message.contains(told), "{told}: {error}");
    }
}
