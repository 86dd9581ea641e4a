//! [`Cgroup`]: limits of memory and processes for all that runs in a buildroot.
//!
//! Both kinds of control groups are used, whichever the machine has. Where none can be made, the caller falls
//! back to limits of each single process.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use koji_core::{Error, Fault, Result};

use crate::builder::config::Settings;

/// Where the controllers are mounted.
const MOUNTS: &str = "/proc/self/mounts";
/// Which groups this process is in.
const OWN: &str = "/proc/self/cgroup";

/// What a buildroot may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Caps {
    /// Memory in bytes.
    pub memory_bytes: u64,
    /// How many processes and threads.
    pub processes: u64,
}

/// A group, which is removed when this is dropped and nothing runs in it.
#[derive(Debug)]
pub(super) struct Cgroup {
    dirs: Vec<PathBuf>,
}

/// The name of a buildroot's group. Builders of several hubs may share a machine, but not a directory.
pub(super) fn name(settings: &Settings, id: i64) -> String {
    let builder = fs::metadata(settings.workdir()).map_or(0, |meta| meta.ino());
    format!("kojid-{builder}-buildroot-{id}")
}

/// Directories in which groups may be made.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    /// One of each controller, the older kind: memory, and number of processes.
    Apart { memory: PathBuf, pids: PathBuf },
    /// One for all, the newer kind.
    Together(PathBuf),
}

impl Cgroup {
    /// Makes a group.
    ///
    /// # Errors
    /// When the machine has no control groups, or does not let this process make one.
    pub(super) fn make(name: &str, caps: Caps) -> Result<Self> {
        let read = |path: &str| fs::read_to_string(path).map_err(|error| Error::io(Path::new(path), error));
        let mut reason =
            Error::new(Fault::Buildroot, "this machine has no control groups for memory and processes");
        for place in places(&read(MOUNTS)?, &read(OWN)?) {
            match Self::make_at(&place, name, caps) {
                Ok(group) => return Ok(group),
                Err(error) => reason = error,
            }
        }
        Err(reason)
    }

    fn make_at(place: &Place, name: &str, caps: Caps) -> Result<Self> {
        let (memory, processes) = (caps.memory_bytes.to_string(), caps.processes.to_string());
        let settings = match place {
            Place::Apart { memory: at, pids } => {
                [(at.join(name), "memory.limit_in_bytes", memory), (pids.join(name), "pids.max", processes)]
            }
            Place::Together(dir) => {
                // it may be allowed already, and the limits that follow tell if it is not
                drop(fs::write(dir.join("cgroup.subtree_control"), "+memory +pids"));
                [(dir.join(name), "memory.max", memory), (dir.join(name), "pids.max", processes)]
            }
        };
        let mut group = Self { dirs: vec![] };
        for (dir, file, value) in settings {
            if !group.dirs.contains(&dir) {
                // one that a killed builder left is taken over
                fs::create_dir_all(&dir).map_err(|error| Error::io(&dir, error))?;
                group.dirs.push(dir.clone());
            }
            let path = dir.join(file);
            fs::write(&path, value).map_err(|error| Error::io(&path, error))?;
        }
        Ok(group)
    }

    /// Puts a process into the group; what it starts is in it too.
    pub(super) fn admit(&self, pid: u32) -> Result<()> {
        self.dirs.iter().try_for_each(|dir| {
            let path = dir.join("cgroup.procs");
            fs::write(&path, pid.to_string()).map_err(|error| Error::io(&path, error))
        })
    }

    /// Removes the group of this name that a killed builder left.
    pub(super) fn sweep(name: &str) {
        let text = |path: &str| fs::read_to_string(path).unwrap_or_default();
        for place in places(&text(MOUNTS), &text(OWN)) {
            let dirs = match place {
                Place::Apart { memory, pids } => vec![memory, pids],
                Place::Together(dir) => vec![dir],
            };
            // most are not there
            dirs.iter().for_each(|dir| drop(fs::remove_dir(dir.join(name))));
        }
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        for dir in &self.dirs {
            if let Err(error) = fs::remove_dir(dir) {
                // what was killed may take a moment to go; the daemon removes what is left
                tracing::debug!(dir = %dir.display(), %error, "cannot remove the control group yet");
            }
        }
    }
}

/// Where groups may be made, the best place first: below the own group, else at the top.
fn places(mounts: &str, own: &str) -> Vec<Place> {
    let tops = |controller: &str| mount_of(mounts, controller).map(PathBuf::from);
    if let (Some(memory), Some(pids)) = (tops("memory"), tops("pids")) {
        let at = |top: &Path, controller| below(top, path_of(own, controller));
        return vec![Place::Apart { memory: at(&memory, "memory"), pids: at(&pids, "pids") }];
    }
    let Some(top) = tops("") else { return vec![] };
    let own = below(&top, path_of(own, ""));
    let mut places = vec![Place::Together(own.clone())];
    if own != top {
        places.push(Place::Together(top));
    }
    places
}

/// The mount point of a controller; the newer kind has all at one, and no name.
fn mount_of<'a>(mounts: &'a str, controller: &str) -> Option<&'a str> {
    mounts.lines().find_map(|line| {
        let fields: Vec<_> = line.split(' ').collect();
        let [_, at, kind, options, ..] = fields[..] else { return None };
        let found = match controller {
            "" => kind == "cgroup2",
            _ => kind == "cgroup" && options.split(',').any(|option| option == controller),
        };
        found.then_some(at)
    })
}

/// The path of the own group.
fn path_of<'a>(own: &'a str, controller: &str) -> &'a str {
    let found = own.lines().find_map(|line| {
        let (_, rest) = line.split_once(':')?;
        let (controllers, path) = rest.split_once(':')?;
        controllers.split(',').any(|known| known == controller).then_some(path)
    });
    found.unwrap_or("/")
}

/// In a container the path may be one that only the machine around it has.
fn below(top: &Path, path: &str) -> PathBuf {
    let dir = top.join(path.trim_start_matches('/'));
    if dir.is_dir() { dir } else { top.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_are_found() {
        let apart = "cgroup /cg/memory cgroup rw,relatime,memory 0 0\ncgroup /cg/pids cgroup rw,pids 0 0\n\
                     cgroup2 /cg/unified cgroup2 rw 0 0\n";
        let own = "8:pids:/\n4:memory:/nonexistent/x\n0::/\n";
        let want = Place::Apart { memory: "/cg/memory".into(), pids: "/cg/pids".into() };
        assert_eq!(places(apart, own), [want]);
        let dir = tempfile::tempdir().unwrap();
        let top = dir.path().to_path_buf();
        fs::create_dir(top.join("kojid.service")).unwrap();
        let together = format!("cgroup2 {} cgroup2 rw,nosuid 0 0\n", top.display());
        let found = places(&together, "0::/kojid.service\n");
        assert_eq!(found, [Place::Together(top.join("kojid.service")), Place::Together(top)]);
        assert_eq!(places("proc /proc proc rw 0 0\n", "0::/\n"), []);
    }
}
