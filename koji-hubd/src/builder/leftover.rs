//! What a daemon that was killed, or a machine that went down, left behind: processes, mounts and directories of tasks that
//! nobody runs any more. Whoever holds the working directory's lock may take them away.

use std::ffi::CString;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use koji_core::{Error, Result};

use super::{files, process};

/// Below the working directory: where tasks work.
const TASKS: &str = "tasks";

/// Takes away what earlier tasks left. What can't be taken away is told in the log, and is no reason not to begin.
pub fn clear(workdir: &Path) {
    let tasks = workdir.join(TASKS);
    let Ok(tasks) = fs::canonicalize(&tasks) else { return };
    let ended = process::end_inside(&tasks);
    if ended > 0 {
        tracing::warn!(ended, "ended processes that earlier tasks had left");
    }
    for mount in mounts_below(&tasks) {
        match unmount(&mount) {
            Ok(()) => tracing::warn!(mount = %mount.display(), "unmounted what an earlier task had left"),
            Err(error) => tracing::error!(mount = %mount.display(), %error, "cannot unmount"),
        }
    }
    if !mounts_below(&tasks).is_empty() {
        // what is mounted there may be anything
        return;
    }
    match files::remove_dir(&tasks) {
        Ok(()) => tracing::info!(dir = %tasks.display(), "removed what earlier tasks had left"),
        Err(error) => tracing::error!(%error, "cannot remove what earlier tasks left"),
    }
}

/// The innermost first.
fn mounts_below(dir: &Path) -> Vec<PathBuf> {
    let table = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    parse(&table, dir)
}

fn parse(table: &str, dir: &Path) -> Vec<PathBuf> {
    let points = table.lines().filter_map(|line| line.split(' ').nth(4)).map(unescape);
    let mut found: Vec<PathBuf> = points.filter(|point| point.starts_with(dir)).collect();
    found.reverse();
    found
}

/// The table has spaces and the like as octal numbers.
fn unescape(text: &str) -> PathBuf {
    let codes = [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")];
    codes.iter().fold(text.to_owned(), |text, (code, plain)| text.replace(code, plain)).into()
}

fn unmount(point: &Path) -> Result<()> {
    let path = CString::new(point.as_os_str().as_bytes()).map_err(|_| Error::generic("no path"))?;
    // SAFETY: the path ends with a zero.
    let failed = unsafe { libc::umount2(path.as_ptr(), libc::MNT_DETACH | libc::UMOUNT_NOFOLLOW) };
    if failed == 0 { Ok(()) } else { Err(std::io::Error::last_os_error().into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mounts_are_found_innermost_first() {
        let table = "22 1 0:20 / / rw - ext4 /dev/a rw\n\
            30 22 0:21 / /w/tasks/1/root rw - tmpfs t rw\n\
            31 30 0:22 / /w/tasks/1/root/my\\040proc rw - proc p rw\n\
            32 22 0:23 / /w/tasks2 rw - tmpfs t rw\n";
        let found = parse(table, Path::new("/w/tasks"));
        assert_eq!(found, [PathBuf::from("/w/tasks/1/root/my proc"), "/w/tasks/1/root".into()]);
    }

    #[test]
    fn processes_and_directories_of_earlier_tasks_go() {
        let dir = tempfile::tempdir().unwrap();
        let task = dir.path().join("tasks/7/7");
        fs::create_dir_all(&task).unwrap();
        fs::write(dir.path().join("kept"), "").unwrap();
        let mut left = std::process::Command::new("sleep").arg("60").current_dir(&task).spawn().unwrap();
        clear(dir.path());
        assert!(!left.wait().unwrap().success());
        assert!(!dir.path().join("tasks").exists() && dir.path().join("kept").exists());
        // nothing to do is no error
        clear(dir.path());
    }
}
