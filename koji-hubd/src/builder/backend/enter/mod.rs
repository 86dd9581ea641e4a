//! [`Entry`]: a program in namespaces of its own, with a root directory of its own if wanted.
//!
//! Two processes stand between the builder and the program, both this very binary again. The outer one makes
//! the namespaces; the inner one is the first process in them, mounts what a root needs, starts the program
//! and waits for it. Each is killed by the kernel when the one above it ends in any way, and the end of the
//! inner one ends all processes of its namespace and lets go of all its mounts: a killed builder leaves
//! neither behind.

mod account;
mod mounts;
mod overlay;
mod sys;

use std::io::{Read as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use koji_core::{Error, Fault, Result};
use serde::{Deserialize, Serialize};

pub use account::Account;

use crate::builder::process;
use crate::limits;

/// The option that makes this binary one of the two processes.
pub const OPTION: &str = "--enter";

/// What to start: this very program, even if its file was replaced meanwhile.
pub const SELF: &str = "/proc/self/exe";

/// How a process between ends when the program could not be started.
const FAILED: u8 = 125;

/// Which of the processes between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Stage {
    /// It makes the namespaces.
    Outer,
    /// It is the first in them.
    Inner,
}

/// A program and what it is to see.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// The root directory, in which `/proc`, `/sys` and `/dev` are mounted.
    pub root: PathBuf,
    /// Whether the root is all that the program sees. Otherwise it sees this machine.
    pub enclosed: bool,
    /// The directory of what is laid over this machine's files, if these make up the root: `upper` has what
    /// differs, and the kernel works in `work`.
    pub layer: Option<PathBuf>,
    /// Whether all of this is done in a namespace of users: for builders that are not the superuser.
    pub own_users: bool,
    /// Whether it may reach the network.
    pub network: bool,
    /// Directories of this machine that are to be seen in the root: the path here, and the path there.
    pub binds: Vec<(PathBuf, PathBuf)>,
    /// Files to write in the root before, when the program sees only that.
    pub files: Vec<(PathBuf, String)>,
    /// The user that the root is to know.
    pub account: Option<Account>,
    /// Whether the program runs as that user, without any way to become another.
    pub as_account: bool,
    /// Whether it is to believe that the machine has 32 bits.
    pub narrow: bool,
    /// Resource limits by name, for machines without control groups.
    pub limits: Vec<(String, String)>,
    /// The program and its arguments.
    pub args: Vec<String>,
    /// All of its environment.
    pub env: Vec<(String, String)>,
    /// The directory to work in.
    pub dir: PathBuf,
}

/// Runs one of the processes between; how it ends is how the program ended.
pub fn run(stage: Stage) -> ExitCode {
    let ended = match stage {
        Stage::Outer => outer(),
        Stage::Inner => inner(),
    };
    match ended {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            // standard error is the log of the program
            drop(writeln!(std::io::stderr(), "cannot enter the buildroot: {}", error.message));
            ExitCode::from(FAILED)
        }
    }
}

fn read_entry() -> Result<Entry> {
    let mut text = vec![];
    std::io::stdin().read_to_end(&mut text)?;
    serde_json::from_slice(&text).map_err(|_| {
        Error::generic(format!("{OPTION} is for the builder, which tells the rest on standard input"))
    })
}

fn outer() -> Result<u8> {
    let entry = read_entry()?;
    sys::unshare(entry.network, entry.own_users).map_err(|error| {
        Error::new(
            Fault::Buildroot,
            format!("this machine does not let the builder make namespaces ({error}): run it as root"),
        )
    })?;
    let mut command = Command::new(SELF);
    command.arg0("kojid").args([OPTION, "inner"]).stdin(Stdio::piped());
    process::die_with_parent(&mut command);
    let mut child = command.spawn()?;
    if let Some(mut pipe) = child.stdin.take() {
        pipe.write_all(&serde_json::to_vec(&entry)?)?;
    }
    Ok(process::exit_code(child.wait()?))
}

fn inner() -> Result<u8> {
    let entry = read_entry()?;
    mounts::make_private()?;
    mounts::prepare(&entry)?;
    if !entry.network {
        // a network of its own begins with the loopback interface down, and many tests talk to themselves
        sys::raise_loopback().unwrap_or_else(|error| tell("the loopback interface stays down", &error));
    }
    if entry.enclosed {
        sys::change_root(&entry.root).map_err(|error| Error::io(&entry.root, error))?;
        sys::give_up_capabilities()?;
        // this machine's own files know its users
        let stranger = entry.account.as_ref().filter(|_| entry.layer.is_none());
        stranger.map_or(Ok(()), Account::make_known)?;
        for (path, text) in &entry.files {
            write(path, text)?;
        }
    }
    limits::set_all(entry.limits.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    if entry.narrow {
        sys::narrow_personality()?;
    }
    let account = entry.account.as_ref().filter(|_| entry.as_account);
    if account.is_some() {
        sys::keep_privileges_away()?;
    }
    let child = spawn(&entry, account)?;
    Ok(sys::reap_until(child.id())?)
}

fn spawn(entry: &Entry, account: Option<&Account>) -> Result<std::process::Child> {
    let (program, args) = entry.args.split_first().ok_or_else(|| Error::parameter("no command to run"))?;
    let mut command = Command::new(program);
    command.args(args).env_clear().envs(entry.env.iter().map(|(name, value)| (name, value)));
    command.current_dir(&entry.dir).stdin(Stdio::null());
    match account {
        Some(account) if entry.own_users => sys::become_again(&mut command, account.uid, account.gid),
        // other groups are dropped on the way
        Some(account) => drop(command.uid(account.uid).gid(account.gid)),
        None => {}
    }
    command.spawn().map_err(|error| {
        Error::new(Fault::Buildroot, format!("cannot run {program} in {}: {error}", entry.dir.display()))
    })
}

fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir).map_err(|error| Error::io(dir, error))?;
    }
    std::fs::write(path, text).map_err(|error| Error::io(path, error))
}

/// Notes in the log what the program can do without.
fn tell(what: &str, error: &dyn std::fmt::Display) {
    drop(writeln!(std::io::stderr(), "{what}: {error}"));
}
