//! [`TestHub`]: a hub with a database and a directory of its own, as a process that a test may kill.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use koji_core::client::{Options, Session};
use tempfile::TempDir;

use crate::{Database, binary, free_port, wait_for};

/// A running hub. The users are kojiadmin (an admin), alice and bob, the host is `builder`; each has the password
/// `pw-NAME`.
pub struct TestHub {
    dir: std::sync::Arc<TempDir>,
    db: String,
    port: u16,
    roles: &'static [&'static str],
    process: Child,
}

impl TestHub {
    /// Starts one on a new database.
    pub fn start(database: Database) -> Self {
        Self::start_with(database, "")
    }

    /// The same, with further lines of the section `hub` of its configuration.
    pub fn start_with(database: Database, config: &str) -> Self {
        Self::start_as(database, config, &[])
    }

    /// Starts one that only answers calls: nothing changes by itself.
    pub fn start_quiet(database: Database) -> Self {
        Self::start_as(database, "", &["--role", "api"])
    }

    /// Starts one that does everything, and keeps a lookaside cache.
    pub fn start_with_lookaside(database: Database) -> Self {
        let roles = &[
            "--role",
            "api",
            "--role",
            "files",
            "--role",
            "scheduler",
            "--role",
            "repos",
            "--role",
            "lookaside",
        ];
        Self::start_as(database, "", roles)
    }

    fn start_as(database: Database, config: &str, roles: &'static [&'static str]) -> Self {
        let dir = TempDir::new().unwrap();
        std::fs::write(dir.path().join("hub.conf"), format!("[hub]\n{config}\n")).unwrap();
        let db = database.make(dir.path());
        let setup: [&[&str]; 5] = [
            &["init"],
            &["user", "add", "kojiadmin", "--password", "pw-kojiadmin", "--permission", "admin"],
            &["user", "add", "alice", "--password", "pw-alice"],
            &["user", "add", "bob", "--password", "pw-bob"],
            &[
                "host",
                "add",
                "builder",
                "--password",
                "pw-builder",
                "--arches",
                "x86_64 noarch",
                "--channel",
                "default",
                "--channel",
                "createrepo",
            ],
        ];
        for words in setup {
            let status = command(dir.path(), &db).args(words).status().unwrap();
            assert!(status.success(), "koji-hubd {words:?}");
        }
        let port = free_port();
        let process = serve(dir.path(), &db, port, roles);
        let hub = Self { dir: dir.into(), db, port, roles, process };
        hub.wait();
        hub
    }

    /// Another hub on the same database and directory.
    pub fn second(&self) -> Self {
        let (port, roles) = (free_port(), self.roles);
        let process = serve(self.dir.path(), &self.db, port, roles);
        let hub = Self { dir: self.dir.clone(), db: self.db.clone(), port, roles, process };
        hub.wait();
        hub
    }

    /// The URL of its calls.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/kojihub", self.port)
    }

    /// The address it listens at.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The URL of its database.
    pub fn database(&self) -> &str {
        &self.db
    }

    /// Its top directory.
    pub fn topdir(&self) -> PathBuf {
        self.dir.path().join("topdir")
    }

    /// A directory for the test's own files.
    pub fn scratch(&self) -> &Path {
        self.dir.path()
    }

    /// A session that is not logged in, and gives up at once when the hub is gone.
    pub fn anonymous(&self) -> Session {
        let options = Options { max_retries: 0, timeout: Duration::from_secs(60), ..Options::default() };
        Session::new(&self.url(), options).unwrap()
    }

    /// A session of a user.
    pub fn user(&self, name: &str) -> Session {
        let mut session = self.anonymous();
        session.login(name, &format!("pw-{name}")).unwrap();
        session
    }

    /// Gives it another configuration, as [`TestHub::start_with`] does, and tells it so.
    pub fn reconfigure(&self, config: &str) {
        std::fs::write(self.dir.path().join("hub.conf"), format!("[hub]\n{config}\n")).unwrap();
        let told = Command::new("kill").args(["-HUP", &self.process.id().to_string()]).status().unwrap();
        assert!(told.success());
    }

    /// A command of the daemon on its configuration and database.
    pub fn hubd(&self, words: &[&str]) -> Output {
        command(self.dir.path(), &self.db).args(words).output().unwrap()
    }

    /// How much memory its process has, in KiB.
    pub fn memory_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").trim().parse().unwrap()
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Tells it to stop, and waits until it has.
    pub fn stop(&mut self) {
        let told = Command::new("kill").arg(self.process.id().to_string()).status().unwrap();
        assert!(told.success());
        let deadline = Instant::now() + Duration::from_secs(20);
        while self.process.try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline, "the hub does not stop");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Starts it again.
    pub fn restart(&mut self) {
        self.process = serve(self.dir.path(), &self.db, self.port, self.roles);
        self.wait();
    }

    fn wait(&self) {
        wait_for(self.port, "the hub");
    }
}

impl Drop for TestHub {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn command(dir: &Path, db: &str) -> Command {
    let mut command = Command::new(binary("koji-hubd"));
    command.args(["--db", db, "--topdir"]).arg(dir.join("topdir")).env("RUST_LOG", "warn");
    command.arg("--config").arg(dir.join("hub.conf"));
    command
}

fn serve(dir: &Path, db: &str, port: u16, roles: &[&str]) -> Child {
    let mut serve = command(dir, db);
    serve
        .args(["serve", "--listen", &format!("127.0.0.1:{port}")])
        .args(roles)
        .stdin(Stdio::null())
        .spawn()
        .unwrap()
}
