//! The demo's directory: database, top directory, configuration, logs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::install::run;
use crate::{Result, places, postgres, say};

/// The password of the demo's users. The hub listens on this machine only.
pub const PASSWORD: &str = "demo";

/// Where the demo plays.
pub struct Stage {
    /// `./demo`
    pub dir: PathBuf,
    /// Where the builder works; below the temporary directory, for its unprivileged user must get there.
    pub work: PathBuf,
    /// The port of the hub
    pub port: u16,
}

impl Stage {
    /// Makes the directory anew, with database, users and a configuration for the command line.
    pub fn set(dir: &Path) -> Result<Self> {
        let work = std::env::temp_dir().join("koji-demo-work");
        for old in [dir, &work] {
            if old.exists() {
                fs::remove_dir_all(old).map_err(|error| format!("{}: {error}", old.display()))?;
            }
            fs::create_dir_all(old).map_err(|error| format!("{}: {error}", old.display()))?;
        }
        let stage = Self { dir: dir.to_owned(), work, port: postgres::free_port()? };
        let profile = format!(
            "[koji]\nserver = {}\ntopurl = http://127.0.0.1:{}/kojifiles\nauthtype = password\nuser = admin\npassword = {PASSWORD}\npoll_interval = 1\n",
            stage.url(),
            stage.port
        );
        stage.write("koji.conf", &profile)?;
        let builder = format!(
            "[kojid]\nserver = {}\nuser = builder\npassword = {PASSWORD}\ntopdir = {}\nworkdir = {}\nsleeptime = 1\nminspace = 256\n",
            stage.url(),
            stage.topdir().display(),
            stage.work.display()
        );
        stage.write("kojid.conf", &builder)?;
        stage.hubd(&["init"])?;
        stage.hubd(&["user", "add", "admin", "--password", PASSWORD, "--permission", "admin"])?;
        let arches = format!("{} noarch", std::env::consts::ARCH);
        let host = ["host", "add", "builder", "--password", PASSWORD, "--arches", &arches, "--capacity", "4"];
        stage.hubd(&[&host[..], &["--channel", "default", "--channel", "createrepo"]].concat())?;
        Ok(stage)
    }

    fn write(&self, name: &str, text: &str) -> Result {
        let path = self.dir.join(name);
        fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// The address of the hub's calls.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/kojihub", self.port)
    }

    /// The database's URL.
    pub fn database(&self) -> String {
        format!("sqlite://{}", self.dir.join("koji.db").display())
    }

    /// The top directory.
    pub fn topdir(&self) -> PathBuf {
        self.dir.join("topdir")
    }

    /// A program that this checkout built.
    pub fn program(name: &str) -> PathBuf {
        places::target().join("release").join(name)
    }

    /// The hub daemon with its database and directory.
    pub fn hubd_command(&self) -> Command {
        let mut hubd = Command::new(Self::program("koji-hubd"));
        hubd.args(["--db", &self.database(), "--topdir"]).arg(self.topdir());
        hubd
    }

    fn hubd(&self, words: &[&str]) -> Result {
        run(self.hubd_command().args(words).env("RUST_LOG", "warn"))
    }

    /// How a reader types the command line.
    pub fn shown_koji(&self) -> String {
        "target/release/koji -c demo/koji.conf".to_owned()
    }

    /// Runs a command line, which the reader sees.
    pub fn koji(&self, words: &str) -> Result {
        say(&format!("\n$ koji {words}"));
        let mut koji = Command::new(Self::program("koji"));
        run(koji.arg("-c").arg(self.dir.join("koji.conf")).args(words.split(' ')))
    }
}
