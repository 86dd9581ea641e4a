//! [`Distribution`]: a hub with a tiny distribution to build packages for, made of this machine's own tools.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use koji_core::client::{Session, Upload, field, watch};
use koji_core::wire::{Map, Value};
use koji_tests::{BOOTSTRAP, Database, TestHub, bootstrap_rpm};

/// How long a build may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// The hub, its tags `base` (the tools), `dist` and `dist-build`, and its target `dist`.
pub struct Distribution {
    pub hub: TestHub,
    pub admin: Session,
}

impl Distribution {
    /// Makes one.
    pub fn new() -> Self {
        Self::of_hub(TestHub::start(Database::Sqlite))
    }

    /// Makes one for a hub.
    pub fn of_hub(hub: TestHub) -> Self {
        let mut admin = hub.user("kojiadmin");
        let arch = std::env::consts::ARCH;
        for (tag, parent) in [("base", None), ("dist", Some("base")), ("dist-build", Some("dist"))] {
            let named = vec![
                ("arches".to_owned(), text(arch)),
                ("parent".to_owned(), parent.map_or(Value::Nil, text)),
            ];
            call_named(&mut admin, "createTag", &[text(tag)], named);
        }
        call(&mut admin, "createBuildTarget", &[text("dist"), text("dist-build"), text("dist")]);
        for group in ["build", "srpm-build", "wrapper-rpm-build"] {
            call(&mut admin, "groupListAdd", &[text("dist-build"), text(group)]);
            call(&mut admin, "groupPackageListAdd", &[text("dist-build"), text(group), text(BOOTSTRAP)]);
        }
        let mut dist = Self { hub, admin };
        dist.add_package("base", BOOTSTRAP);
        let dir = dist.hub.scratch().join("bootstrap");
        for rpm in bootstrap_rpm(&dir) {
            dist.import(&rpm);
        }
        call(&mut dist.admin, "tagBuildBypass", &[text("base"), text(&format!("{BOOTSTRAP}-1-1"))]);
        dist
    }

    /// Lets a tag have a package.
    pub fn add_package(&mut self, tag: &str, package: &str) {
        call(&mut self.admin, "packageListAdd", &[text(tag), text(package), text("kojiadmin")]);
    }

    fn import(&mut self, rpm: &Path) {
        self.admin.upload(&Upload::new(rpm, "import"), &mut |_| {}).unwrap();
        let name = rpm.file_name().unwrap().to_str().unwrap();
        call(&mut self.admin, "importRPM", &[text("import"), text(name)]);
    }

    /// Begins to build a spec file for the target; gives the task.
    pub fn submit(&mut self, name: &str, spec: &str) -> i64 {
        let dir = self.hub.scratch().join("sources");
        let source = source_rpm(&dir, name, spec);
        self.admin
            .upload(&Upload { overwrite: true, ..Upload::new(&source, "sources") }, &mut |_| {})
            .unwrap();
        let path = format!("sources/{}", source.file_name().unwrap().to_str().unwrap());
        call(&mut self.admin, "build", &[text(&path), text("dist")]).as_int().unwrap()
    }

    /// Builds a spec file, and waits until it is done well.
    pub fn build(&mut self, name: &str, spec: &str) -> i64 {
        let task = self.submit(name, spec);
        let state = self.wait(task);
        assert_eq!(state, watch::State::Closed, "{}", self.story(task));
        task
    }

    /// Makes a new repository of the build tag, and waits for it.
    pub fn renew_repo(&mut self) {
        let task = call(&mut self.admin, "newRepo", &[text("dist-build")]).as_int().unwrap();
        let state = self.wait(task);
        assert_eq!(state, watch::State::Closed, "{}", self.story(task));
    }

    /// Whether a task has ended.
    pub fn has_ended(&mut self, task: i64) -> bool {
        let info = call(&mut self.admin, "getTaskInfo", &[task.into()]);
        watch::state_of(&info).is_some_and(watch::State::is_final)
    }

    /// Waits for the end of a task.
    pub fn wait(&mut self, task: i64) -> watch::State {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let info = call(&mut self.admin, "getTaskInfo", &[task.into()]);
            match watch::state_of(&info) {
                Some(state @ (watch::State::Closed | watch::State::Canceled | watch::State::Failed)) => {
                    return state;
                }
                _ => std::thread::sleep(Duration::from_millis(300)),
            }
            assert!(Instant::now() < deadline, "{}", self.story(task));
        }
    }

    /// The tasks below a task.
    pub fn subtasks(&mut self, task: i64) -> Vec<Value> {
        let answer = call(&mut self.admin, "getTaskChildren", &[task.into()]);
        answer.as_array().unwrap().to_vec()
    }

    /// The subtask of a method.
    pub fn subtask(&mut self, task: i64, method: &str) -> Option<i64> {
        let all = self.subtasks(task);
        all.iter()
            .find(|one| field(one, "method").as_str() == Some(method))
            .and_then(|one| field(one, "id").as_int())
    }

    /// A file of a task's output.
    pub fn output(&self, task: i64, name: &str) -> String {
        let dir = self.hub.topdir().join("work").join(koji_core::paths::task_relative(task));
        let bytes = std::fs::read(dir.join(name)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// What a reader of a failed test must know of a task.
    pub fn story(&mut self, task: i64) -> String {
        let mut story = String::new();
        let ids: Vec<i64> = self.subtasks(task).iter().filter_map(|one| field(one, "id").as_int()).collect();
        for id in std::iter::once(task).chain(ids) {
            let info = call(&mut self.admin, "getTaskInfo", &[id.into()]);
            let method = field(&info, "method").as_str().unwrap_or_default().to_owned();
            story.push_str(&format!("task {id} {method}: {:?}\n", watch::state_of(&info)));
            if let Err(error) = self.admin.call_named("getTaskResult", vec![id.into()], vec![]) {
                story.push_str(&format!("  {error}\n"));
            }
            for log in ["root.log", "build.log"] {
                let text = self.output(id, log);
                let tail: Vec<_> = text.lines().rev().take(25).collect();
                tail.iter().rev().for_each(|line| story.push_str(&format!("  {log}: {line}\n")));
            }
        }
        story
    }
}

/// Whether this machine lets a test make buildroots; says why not.
pub fn can_enclose() -> bool {
    let unshared = Command::new("unshare").args(["-m", "-p", "-n", "-f", "true"]).output();
    let obstacle = if !unshared.is_ok_and(|output| output.status.success()) {
        "namespaces are not permitted here (not root, or a container without them)"
    } else if !Path::new("/usr/bin/dnf").exists() && !Path::new("/usr/bin/dnf5").exists() {
        "there is no dnf"
    } else {
        return true;
    };
    // written past the test harness, which keeps what a test prints that does not fail
    let told = format!("SKIPPED, no buildroot was made: {obstacle}\n");
    std::io::stderr().write_all(told.as_bytes()).unwrap();
    false
}

fn source_rpm(dir: &Path, name: &str, spec: &str) -> PathBuf {
    std::fs::create_dir_all(dir).unwrap();
    let file = dir.join(format!("{name}.spec"));
    std::fs::write(&file, spec).unwrap();
    let top = format!("_topdir {}", dir.display());
    let built = Command::new("rpmbuild").args(["-bs", "--define", &top]).arg(&file).output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    koji_tests::rpm_of(&dir.join("SRPMS"), name)
}

pub fn text(text: &str) -> Value {
    Value::from(text)
}

pub fn call(session: &mut Session, method: &str, args: &[Value]) -> Value {
    call_named(session, method, args, vec![])
}

fn call_named(session: &mut Session, method: &str, args: &[Value], named: Map) -> Value {
    session.call_named(method, args.to_vec(), named).unwrap_or_else(|error| panic!("{method}: {error}"))
}
