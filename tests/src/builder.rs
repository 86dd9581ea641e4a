//! [`TestBuilder`]: a builder of a test's hub, as a process with a directory of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use koji_core::client::watch::{State, state_of};
use koji_core::client::{Session, field};
use koji_core::wire::Value;
use koji_core::{Error, Result};
use tempfile::TempDir;

use crate::{TestHub, binary};

/// How long a task may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running builder. Its host is `builder`, unless the configuration says otherwise.
pub struct TestBuilder {
    // below the temporary directory: an unprivileged user must get there
    dir: TempDir,
    process: Child,
}

impl TestBuilder {
    /// Starts one, with further lines of its configuration.
    pub fn start(hub: &TestHub, config: &str) -> Self {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = TempDir::new().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let file = dir.path().join("kojid.conf");
        let text = format!(
            "[kojid]\nserver = {}\nuser = builder\npassword = pw-builder\ntopdir = {}\n\
             sleeptime = 1\nminspace = 1\nmaxjobs = 20\nmaxload = 1000\n{config}\n",
            hub.url(),
            hub.topdir().display(),
        );
        let work = dir.path().join("work");
        let place = if config.contains("workdir = ") {
            String::new()
        } else {
            format!("workdir = {}\n", work.display())
        };
        // what tests build needs nothing but what is here, unless they say so
        let kind = if config.contains("buildroot = ") { "" } else { "buildroot = host\n" };
        fs::write(&file, text + kind + &place).unwrap();
        let process = spawn(dir.path(), &[], &[]);
        Self { dir, process }
    }

    /// Starts one that finds the programs of a directory before the machine's own.
    pub fn start_with_programs(hub: &TestHub, config: &str, programs: &Path) -> Self {
        let mut builder = Self::start(hub, config);
        builder.kill();
        let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
        builder.process = spawn(builder.dir.path(), &["--force-lock"], &[("PATH", &path)]);
        builder
    }

    /// Starts one by another program, which must become the builder: it gets the builder's program and arguments.
    pub fn start_by(hub: &TestHub, config: &str, by: &[&str]) -> Self {
        let mut builder = Self::start(hub, config);
        builder.kill();
        let mut command = Command::new(by[0]);
        command.args(&by[1..]).arg(binary("kojid"));
        builder.process = run(command, builder.dir.path(), &["--force-lock"]);
        builder
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Starts it again after it has ended.
    pub fn restart(&mut self) {
        // the session of the one that was killed still has the lock
        self.process = spawn(self.dir.path(), &["--force-lock"], &[]);
    }

    /// Tells it to stop, and waits until it has.
    pub fn stop(&mut self) {
        self.signal("TERM");
        self.ended();
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        let told = Command::new("kill").arg(format!("-{name}")).arg(self.process.id().to_string()).status();
        assert!(told.unwrap().success());
    }

    /// The processes of its tasks.
    pub fn task_pids(&self) -> Vec<u32> {
        let own = self.process.id();
        let is_task = |pid: &u32| {
            let read = |name: &str| fs::read(format!("/proc/{pid}/{name}")).unwrap_or_default();
            let stat = String::from_utf8_lossy(&read("stat")).into_owned();
            let parent =
                stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(1)?.parse().ok());
            parent == Some(own) && String::from_utf8_lossy(&read("cmdline")).contains("--run-task")
        };
        processes().into_iter().filter(is_task).collect()
    }

    /// What is left of its tasks on this machine: processes that work where it does, and mounts there.
    pub fn left(&self) -> Vec<String> {
        let work = self.workdir().join("tasks");
        let inside = |pid: &u32| {
            let place = fs::read_link(format!("/proc/{pid}/cwd")).ok()?;
            place.starts_with(&work).then(|| format!("process {pid} in {}", place.display()))
        };
        let mut left: Vec<String> = processes().iter().filter_map(inside).collect();
        let table = fs::read_to_string("/proc/self/mountinfo").unwrap();
        let points = table.lines().filter_map(|line| line.split(' ').nth(4));
        left.extend(points.filter(|point| point.starts_with(&*work.to_string_lossy())).map(str::to_owned));
        left
    }

    /// Its log so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("kojid.log")).unwrap_or_default()
    }

    /// Where it works.
    pub fn workdir(&self) -> PathBuf {
        self.dir.path().join("work")
    }

    /// Waits until a task has ended; its result, or its fault.
    ///
    /// # Panics
    /// When it takes too long.
    pub fn result_of(&self, session: &mut Session, task: i64) -> Result<Value> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let info = session.call_named("getTaskInfo", vec![task.into()], vec![]).unwrap();
            match state_of(&info) {
                Some(State::Canceled) => return Err(Error::generic("canceled")),
                Some(state) if state.is_final() => break,
                _ if Instant::now() > deadline => {
                    panic!("task {task} takes too long: {info:?}\n{}", self.log())
                }
                _ => std::thread::sleep(Duration::from_millis(200)),
            }
        }
        session.call_named("getTaskResult", vec![task.into()], vec![])
    }

    /// Makes a task as an administrator may, waits, and gives its result.
    pub fn run(&self, session: &mut Session, method: &str, params: Vec<Value>) -> Result<Value> {
        let task = make_task(session, method, params);
        self.result_of(session, task)
    }

    /// Waits until the process has ended.
    ///
    /// # Panics
    /// When it takes too long.
    pub fn ended(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "the builder does not end\n{}", self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

fn spawn(dir: &Path, options: &[&str], env: &[(&str, &str)]) -> Child {
    let mut kojid = Command::new(binary("kojid"));
    kojid.envs(env.iter().copied());
    run(kojid, dir, options)
}

fn run(mut kojid: Command, dir: &Path, options: &[&str]) -> Child {
    let log = fs::File::options().create(true).append(true).open(dir.join("kojid.log")).unwrap();
    kojid.arg("-f").arg("-v").arg("-c").arg(dir.join("kojid.conf")).args(options);
    kojid.stdin(Stdio::null()).stderr(log).spawn().unwrap()
}

fn processes() -> Vec<u32> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// Makes a task; its id.
pub fn make_task(session: &mut Session, method: &str, params: Vec<Value>) -> i64 {
    let made = session.call_named("makeTask", vec![method.into(), Value::Array(params)], vec![]);
    made.unwrap().as_int().unwrap()
}

/// The tasks right below one: the method and its state's name, in the order of their ids.
pub fn parts(session: &mut Session, task: i64) -> Vec<(i64, String, &'static str)> {
    let children = session.call_named("getTaskChildren", vec![task.into()], vec![]).unwrap();
    let told = |child: &Value| {
        let method = field(child, "method").as_str().unwrap().to_owned();
        (field(child, "id").as_int().unwrap(), method, state_of(child).unwrap().name())
    };
    let mut parts: Vec<_> = children.as_array().unwrap().iter().map(told).collect();
    parts.sort_unstable();
    parts
}

impl Drop for TestBuilder {
    fn drop(&mut self) {
        if self.process.try_wait().is_ok_and(|ended| ended.is_some()) {
            return;
        }
        // it says goodbye to the hub and ends its tasks
        drop(Command::new("kill").arg(self.process.id().to_string()).status());
        drop(self.process.wait());
    }
}
