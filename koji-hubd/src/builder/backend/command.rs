//! Running a program of a build: as another user, its output into a log that is uploaded as it grows,
//! ended when its time is over.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use koji_core::{Error, Fault, Result};

use super::Site;
use super::enter::{self, Entry};
use crate::builder::log_stream::Live;
use crate::builder::process::{self, User};

/// How often a running program and its log are looked at.
const LOOK: Duration = Duration::from_millis(200);
/// How often the log is uploaded.
const SYNC: Duration = Duration::from_secs(2);

/// A program to run.
#[derive(Clone, Copy, Debug)]
pub(in crate::builder) struct Job<'a> {
    /// Its name.
    pub program: &'a str,
    /// Its arguments.
    pub args: &'a [String],
    /// All of its environment.
    pub env: &'a [(String, String)],
    /// The user to become.
    pub user: Option<&'a User>,
    /// The directory to work in.
    pub dir: &'a Path,
    /// Where output and errors go.
    pub log: &'a Path,
    /// How long it may take; zero is without end.
    pub timeout: Duration,
}

/// Runs a program to its end, and ends what it leaves running. It dies with this process.
///
/// # Errors
/// When it can't be started, its log can't be uploaded, or its time is over.
pub(in crate::builder) fn run(job: Job<'_>, site: &mut Site<'_>, logs: &mut dyn Live) -> Result<ExitStatus> {
    let child = spawn(job, Stdio::null(), &shell_line(job.program, job.args))?;
    wait(job, child, site, logs)
}

/// The same for a program in namespaces of its own. `admit` is called with the number of the process before it
/// begins anything.
pub(super) fn run_entered(
    entry: &Entry,
    (log, timeout): (&Path, Duration),
    admit: &dyn Fn(u32) -> Result<()>,
    (site, logs): (&mut Site<'_>, &mut dyn Live),
) -> Result<ExitStatus> {
    let input = serde_json::to_vec(entry)?;
    let title = entry.args.split_first().map(|(program, args)| shell_line(program, args));
    let args = [enter::OPTION.to_owned(), "outer".to_owned()];
    let job =
        Job { program: enter::SELF, args: &args, env: &[], user: None, dir: Path::new("/"), log, timeout };
    let mut child = spawn(job, Stdio::piped(), &title.unwrap_or_default())?;
    let fed = admit(child.id()).and_then(|()| {
        let mut pipe = child.stdin.take().ok_or_else(|| Error::unforeseen("a process without input"))?;
        pipe.write_all(&input).map_err(Error::from)
    });
    if let Err(error) = fed {
        process::end_descendants();
        drop(child.wait());
        return Err(error);
    }
    let title = entry.args.first().map_or("the program", String::as_str);
    wait(Job { program: title, ..job }, child, site, logs)
}

fn spawn(job: Job<'_>, input: Stdio, title: &str) -> Result<Child> {
    let mut log = OpenOptions::new()
        .create(true)
        .append(true)
        .open(job.log)
        .map_err(|error| Error::io(job.log, error))?;
    writeln!(log, "$ {title}").map_err(|error| Error::io(job.log, error))?;
    let errors = log.try_clone().map_err(|error| Error::io(job.log, error))?;
    let mut command = Command::new(job.program);
    command.args(job.args).env_clear().envs(job.env.iter().map(|(name, value)| (name, value)));
    command.current_dir(job.dir).stdin(input).stdout(log).stderr(errors);
    if let Some(user) = job.user {
        // other groups are dropped on the way
        command.uid(user.uid).gid(user.gid);
    }
    process::die_with_parent(&mut command);
    command.spawn().map_err(|error| {
        Error::new(Fault::Buildroot, format!("cannot run {}: {error}", job.program)).caused_by(error)
    })
}

fn wait(job: Job<'_>, mut child: Child, site: &mut Site<'_>, logs: &mut dyn Live) -> Result<ExitStatus> {
    let (begun, mut synced) = (Instant::now(), Instant::now());
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        let is_late = !job.timeout.is_zero() && begun.elapsed() > job.timeout;
        if is_late || logs.too_long(site.settings.max_log_bytes()).is_some() {
            process::end_descendants();
            drop(child.wait());
            let long = logs.cut_if_long(site.settings.max_log_bytes())?;
            logs.sync(site.session, &site.upload_dir)?;
            let late = || format!("{} took longer than {} seconds", job.program, job.timeout.as_secs());
            return Err(Error::build(long.unwrap_or_else(late)));
        }
        std::thread::sleep(LOOK);
        if synced.elapsed() > SYNC {
            logs.follow(site.session, &site.upload_dir)?;
            synced = Instant::now();
        }
    };
    process::end_descendants();
    let long = logs.cut_if_long(site.settings.max_log_bytes())?;
    logs.sync(site.session, &site.upload_dir)?;
    if let Some(reason) = long {
        return Err(Error::build(reason));
    }
    tracing::info!(program = job.program, %status, "ended");
    Ok(status)
}

/// A command as one would type it.
fn shell_line(program: &str, args: &[String]) -> String {
    let mut line = program.to_owned();
    for arg in args {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+%@~^".contains(c);
        line.push(' ');
        if !arg.is_empty() && arg.chars().all(plain) {
            line.push_str(arg);
        } else {
            line.push_str(&format!("'{}'", arg.replace('\'', r"'\''")));
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_can_be_typed_again() {
        let args = ["--define", "vendor Koji's", ""].map(str::to_owned);
        assert_eq!(shell_line("rpmbuild", &args), r"rpmbuild --define 'vendor Koji'\''s' ''");
    }
}
