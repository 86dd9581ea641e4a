//! Processes: who descends from whom, ending them all, and the user that builds run as.

use std::collections::{BTreeMap, HashSet};
use std::ffi::CString;
use std::fs::OpenOptions;
use std::os::fd::AsRawFd as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use koji_core::{Error, Result};

/// How long processes get to end by themselves.
const GRACE: Duration = Duration::from_secs(5);

/// A process as `/proc` tells it. The start time tells it apart from a later one of the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Process {
    /// Its number.
    pub pid: i32,
    parent: i32,
    started: u64,
}

/// Goes on in the background, with standard output and error in a log file.
pub fn detach(log: &Path) -> Result<()> {
    let file =
        OpenOptions::new().create(true).append(true).open(log).map_err(|error| Error::io(log, error))?;
    // SAFETY: no other thread runs yet, so the process may be forked; the file is open.
    let done = unsafe {
        libc::daemon(0, 0) == 0
            && libc::dup2(file.as_raw_fd(), libc::STDOUT_FILENO) >= 0
            && libc::dup2(file.as_raw_fd(), libc::STDERR_FILENO) >= 0
    };
    if done { Ok(()) } else { Err(std::io::Error::last_os_error().into()) }
}

/// Makes this process inherit what its descendants leave behind, so that nothing escapes by detaching.
pub fn adopt_orphans() {
    // SAFETY: the call takes a number and changes only how orphans are handed on.
    let failed = unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1) };
    if failed != 0 {
        tracing::warn!("this system can't hand orphaned processes to the task");
    }
}

/// Has the kernel kill a program that is about to be started, when this process ends in any way.
pub fn die_with_parent(command: &mut Command) {
    // SAFETY: between fork and exec only this one call is made, which allocates nothing.
    unsafe {
        command.pre_exec(|| match libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) {
            0 => Ok(()),
            _ => Err(std::io::Error::last_os_error()),
        });
    }
}

/// Where a program is, if this machine has it.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file())
}

/// Has the kernel tell a task's process that is about to be started when this one ends in any way: it then ends what it
/// has started, see [`end_all_on_term`].
pub fn end_with_parent(command: &mut Command) {
    // SAFETY: between fork and exec only this one call is made, which allocates nothing.
    unsafe {
        command.pre_exec(|| match libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGTERM) {
            0 => Ok(()),
            _ => Err(std::io::Error::last_os_error()),
        });
    }
}

/// Has a program that is about to be started lead a group of its own, without the terminal that this process may have:
/// whatever it starts, such as ssh, can't ask a person there, who would never answer.
pub fn leave_terminal(command: &mut Command) {
    // SAFETY: between fork and exec only this one call is made, which allocates nothing.
    unsafe {
        command.pre_exec(|| match libc::setsid() {
            -1 => Err(std::io::Error::last_os_error()),
            _ => Ok(()),
        });
    }
}

/// From now on `SIGTERM` ends first all that descends from this process, then itself. Call it before there is another
/// thread. `parent` is who started it: if that is gone already, nobody will send the signal.
pub fn end_all_on_term(parent: u32) -> Result<()> {
    let mut set = std::mem::MaybeUninit::uninit();
    // SAFETY: sigemptyset initialises the set that the following calls use; the old mask is not asked for.
    let set = unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        libc::sigaddset(set.as_mut_ptr(), libc::SIGTERM);
        libc::pthread_sigmask(libc::SIG_BLOCK, set.as_ptr(), std::ptr::null_mut());
        set.assume_init()
    };
    std::thread::Builder::new().name("end".into()).spawn(move || {
        let mut signal = 0;
        if std::os::unix::process::parent_id() == parent {
            // SAFETY: set and signal are valid.
            unsafe { libc::sigwait(&raw const set, &raw mut signal) };
        }
        end_descendants();
        // SAFETY: it ends the process at once, whatever the other threads do.
        unsafe { libc::_exit(128 + libc::SIGTERM) };
    })?;
    Ok(())
}

/// Ends the processes that work inside a directory; how many there were.
pub fn end_inside(dir: &Path) -> usize {
    let own = std::process::id().cast_signed();
    let is_inside = |process: &Process| {
        let links = ["cwd", "root"].map(|name| std::fs::read_link(format!("/proc/{}/{name}", process.pid)));
        process.pid != own && links.iter().flatten().any(|place| place.starts_with(dir))
    };
    let victims: Vec<Process> = all().into_iter().filter(is_inside).collect();
    let count = victims.len();
    end(victims);
    count
}

/// Ends what descends from this process but is or belongs to none of those: what a task left whose process was killed.
/// This process inherits it if it has called [`adopt_orphans`].
pub fn end_orphans(kept: &[u32]) {
    let processes = all();
    let own = std::process::id().cast_signed();
    let mut spared: HashSet<i32> = kept.iter().map(|pid| pid.cast_signed()).collect();
    for pid in kept {
        spared.extend(below(pid.cast_signed(), &processes).iter().map(|process| process.pid));
    }
    let orphans: Vec<Process> =
        below(own, &processes).into_iter().filter(|process| !spared.contains(&process.pid)).collect();
    if !orphans.is_empty() {
        tracing::warn!(orphans = orphans.len(), "ending what a killed task had left running");
        end(orphans);
    }
    reap_all_but(kept);
}

/// Children that have ended and that nobody else waits for.
fn reap_all_but(kept: &[u32]) {
    let own = std::process::id();
    let of = |pid: u32| std::fs::read_to_string(format!("/proc/{pid}/stat")).ok();
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    for pid in entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok()) {
        let ended = of(pid).and_then(|stat| {
            let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
            Some(fields.next()? == "Z" && fields.next()?.parse() == Ok(own))
        });
        if ended == Some(true) && !kept.contains(&pid) {
            // SAFETY: no status is asked for.
            unsafe { libc::waitpid(pid.cast_signed(), std::ptr::null_mut(), libc::WNOHANG) };
        }
    }
}

/// The memory in MiB that each of these processes has for itself alone, with all below it.
pub fn memory_mb(pids: &[i32]) -> Vec<f64> {
    let processes = all();
    let of_tree = |pid: &i32| {
        let tree = below(*pid, &processes);
        tree.iter().map(|process| process.pid).chain([*pid]).map(own_mb).sum()
    };
    pids.iter().map(of_tree).collect()
}

/// What is resident and not shared; 0 of a process that is gone.
fn own_mb(pid: i32) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/statm")).unwrap_or_default();
    let mut pages = text.split_whitespace().skip(1).filter_map(|field| field.parse::<f64>().ok());
    let own = pages.next().unwrap_or_default() - pages.next().unwrap_or_default();
    // SAFETY: sysconf only answers.
    let page_bytes = unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as f64;
    own.max(0.0) * page_bytes / (1024.0 * 1024.0)
}

/// All living processes below one.
pub fn descendants(pid: i32) -> Vec<Process> {
    below(pid, &all())
}

fn below(pid: i32, processes: &[Process]) -> Vec<Process> {
    let mut children: BTreeMap<i32, Vec<Process>> = BTreeMap::new();
    for process in processes {
        children.entry(process.parent).or_default().push(*process);
    }
    let (mut found, mut seen) = (vec![], HashSet::from([pid]));
    let mut open = vec![pid];
    while let Some(parent) = open.pop() {
        for child in children.get(&parent).into_iter().flatten() {
            if seen.insert(child.pid) {
                found.push(*child);
                open.push(child.pid);
            }
        }
    }
    found
}

fn all() -> Vec<Process> {
    let Ok(dir) = std::fs::read_dir("/proc") else { return vec![] };
    dir.flatten().filter_map(|entry| find(entry.file_name().to_str()?.parse().ok()?)).collect()
}

fn find(pid: i32) -> Option<Process> {
    parse_stat(pid, &std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// Zombies count as ended. The command's name may hold anything, so the fields are those behind it.
fn parse_stat(pid: i32, stat: &str) -> Option<Process> {
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    if matches!(*fields.first()?, "Z" | "X") {
        return None;
    }
    Some(Process { pid, parent: fields.get(1)?.parse().ok()?, started: fields.get(19)?.parse().ok()? })
}

fn lives(process: &Process) -> bool {
    find(process.pid).is_some_and(|now| now.started == process.started)
}

fn send(pid: i32, signal: libc::c_int) {
    // SAFETY: kill takes two numbers. A process that is gone already is no error here.
    unsafe { libc::kill(pid, signal) };
}

/// Ends a process that leads a group, the group, and all that descends from it; false if something stays.
pub fn end_group(leader: u32) -> bool {
    let Ok(leader) = i32::try_from(leader) else { return false };
    let mut victims = descendants(leader);
    victims.extend(find(leader));
    send(-leader, libc::SIGTERM);
    let ended = end(victims);
    send(-leader, libc::SIGKILL);
    ended
}

/// Kills what is left of a group whose leader has ended.
pub fn sweep_group(leader: u32) {
    if let Ok(leader) = i32::try_from(leader) {
        send(-leader, libc::SIGKILL);
    }
}

/// Ends everything below this process.
pub fn end_descendants() -> bool {
    end(descendants(std::process::id().cast_signed()))
}

fn end(mut victims: Vec<Process>) -> bool {
    for (signal, patience) in [(libc::SIGTERM, GRACE), (libc::SIGKILL, GRACE)] {
        let begun = Instant::now();
        victims.retain(lives);
        victims.iter().for_each(|process| send(process.pid, signal));
        while !victims.is_empty() && begun.elapsed() < patience {
            std::thread::sleep(Duration::from_millis(50));
            victims.retain(lives);
        }
    }
    victims.is_empty()
}

/// How a process ended, in words.
pub fn status_text(what: &str, status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt as _;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("{what} exited with status {code}"),
        (None, Some(signal)) => format!("{what} was killed by signal {signal}"),
        (None, None) => format!("{what} ended in an unknown way"),
    }
}

/// The status of a program as a shell tells it, which makes one number of codes and signals.
pub fn exit_code(status: ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt as _;
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX)
}

/// A user of this host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its name.
    pub name: String,
    /// Its number.
    pub uid: u32,
    /// The number of its group.
    pub gid: u32,
}

impl User {
    /// Looks a user up by name.
    pub fn find(name: &str) -> Option<Self> {
        let wanted = CString::new(name).ok()?;
        // SAFETY: the name ends with a zero; the answer is read before another call could replace it, and
        // no other thread asks.
        let (uid, gid) = unsafe {
            let entry = libc::getpwnam(wanted.as_ptr()).as_ref()?;
            (entry.pw_uid, entry.pw_gid)
        };
        Some(Self { name: name.to_owned(), uid, gid })
    }

    /// Whether this process may become another user.
    pub fn is_root() -> bool {
        // SAFETY: geteuid only answers.
        unsafe { libc::geteuid() == 0 }
    }

    /// The numbers of the user and the group that this process runs as.
    pub fn own_ids() -> (u32, u32) {
        // SAFETY: these only answer.
        unsafe { (libc::geteuid(), libc::getegid()) }
    }

    /// Gives a file or directory to the user, not following links.
    pub fn own(&self, path: &Path) -> Result<()> {
        std::os::unix::fs::lchown(path, Some(self.uid), Some(self.gid))
            .map_err(|error| Error::io(path, error))
    }

    /// Gives a directory and all in it to the user, not following links.
    pub fn own_tree(&self, dir: &Path) -> Result<()> {
        self.own(dir)?;
        let at = |error| Error::io(dir, error);
        for entry in std::fs::read_dir(dir).map_err(at)? {
            let entry = entry.map_err(at)?;
            if entry.file_type().map_err(at)?.is_dir() {
                self.own_tree(&entry.path())?;
            } else {
                self.own(&entry.path())?;
            }
        }
        Ok(())
    }
}

/// The name of this machine's kernel release, for the log of a buildroot.
pub fn kernel_release() -> String {
    text_of(&utsname().release)
}

/// The name of this machine.
pub fn host_name() -> String {
    text_of(&utsname().nodename)
}

fn utsname() -> libc::utsname {
    let mut name = std::mem::MaybeUninit::<libc::utsname>::zeroed();
    // SAFETY: uname fills the struct; zeroed is a valid value of it.
    unsafe {
        libc::uname(name.as_mut_ptr());
        name.assume_init()
    }
}

fn text_of(chars: &[libc::c_char]) -> String {
    let bytes: Vec<u8> = chars.iter().take_while(|c| **c != 0).map(|c| *c as u8).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(pid: i32, parent: i32) -> Process {
        Process { pid, parent, started: 0 }
    }

    #[test]
    fn descent_is_followed_to_the_end() {
        let all = [process(2, 1), process(3, 2), process(4, 3), process(5, 1), process(6, 5)];
        let mut pids: Vec<_> = below(2, &all).iter().map(|process| process.pid).collect();
        pids.sort_unstable();
        assert_eq!(pids, [3, 4]);
    }

    #[test]
    fn a_command_may_have_any_name() {
        let stat = "42 (a) b (c)) S 7 42 42 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 9988 100 200";
        assert_eq!(parse_stat(42, stat), Some(Process { pid: 42, parent: 7, started: 9988 }));
        assert_eq!(parse_stat(42, &stat.replace(") S 7", ") Z 7")), None);
    }

    #[test]
    fn a_sleeping_child_is_ended() {
        let mut child = Command::new("sleep").arg("60").process_group(0).spawn().unwrap();
        assert!(end_group(child.id()));
        assert!(!child.wait().unwrap().success());
    }
}
