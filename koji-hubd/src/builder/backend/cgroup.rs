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

/// What limits one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Controller {
    Memory,
    Pids,
}

impl Controller {
    const ALL: [Self; 2] = [Self::Memory, Self::Pids];

    fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Pids => "pids",
        }
    }

    /// The file that the limit is written to.
    fn file(self, kind: Kind) -> &'static str {
        match (self, kind) {
            (Self::Memory, Kind::Older) => "memory.limit_in_bytes",
            (Self::Memory, Kind::Newer) => "memory.max",
            (Self::Pids, _) => "pids.max",
        }
    }

    fn limit(self, caps: Caps) -> u64 {
        match self {
            Self::Memory => caps.memory_bytes,
            Self::Pids => caps.processes,
        }
    }
}

/// The two kinds of control groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A tree for each controller.
    Older,
    /// One tree for all.
    Newer,
}

/// A directory in which groups may be made.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    kind: Kind,
    dir: PathBuf,
}

impl Cgroup {
    /// Makes a group.
    ///
    /// # Errors
    /// When the machine has no control groups, or does not let this process make one.
    pub(super) fn make(name: &str, caps: Caps) -> Result<Self> {
        let read = |path: &str| fs::read_to_string(path).map_err(|error| Error::io(Path::new(path), error));
        Self::make_from((&read(MOUNTS)?, &read(OWN)?), name, caps)
    }

    fn make_from((mounts, own): (&str, &str), name: &str, caps: Caps) -> Result<Self> {
        let mut group = Self { dirs: vec![] };
        for controller in Controller::ALL {
            group.limit(name, controller, (&places(mounts, own, controller), caps))?;
        }
        Ok(group)
    }

    /// Sets a limit in the first place that takes it.
    fn limit(&mut self, name: &str, controller: Controller, (places, caps): (&[Place], Caps)) -> Result<()> {
        let text = format!("this machine has no control groups for {}", controller.name());
        let mut reason = Error::new(Fault::Buildroot, text);
        for place in places {
            match self.limit_in(place, name, controller, caps) {
                Ok(()) => return Ok(()),
                Err(error) => reason = error,
            }
        }
        Err(reason)
    }

    fn limit_in(&mut self, place: &Place, name: &str, controller: Controller, caps: Caps) -> Result<()> {
        if place.kind == Kind::Newer {
            // it may be allowed already, and the limit that follows tells if it is not
            let control = place.dir.join("cgroup.subtree_control");
            drop(fs::write(control, format!("+{}", controller.name())));
        }
        let dir = place.dir.join(name);
        if !self.dirs.contains(&dir) {
            // one that a killed builder left is taken over
            fs::create_dir_all(&dir).map_err(|error| Error::io(&dir, error))?;
            self.dirs.push(dir.clone());
        }
        let path = dir.join(controller.file(place.kind));
        fs::write(&path, controller.limit(caps).to_string()).map_err(|error| Error::io(&path, error))
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
        let (mounts, own) = (text(MOUNTS), text(OWN));
        for place in Controller::ALL.into_iter().flat_map(|controller| places(&mounts, &own, controller)) {
            // most are not there
            drop(fs::remove_dir(place.dir.join(name)));
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

/// Where groups of a controller may be made, the best place first: below the own group, else at the top. A
/// machine may have some controllers in trees of the older kind, and others in that of the newer.
fn places(mounts: &str, own: &str, controller: Controller) -> Vec<Place> {
    let name = controller.name();
    if let Some(top) = mount_of(mounts, name) {
        return vec![Place { kind: Kind::Older, dir: below(Path::new(top), path_of(own, name)) }];
    }
    let Some(top) = mount_of(mounts, "").map(PathBuf::from) else { return vec![] };
    let mut dirs = vec![below(&top, path_of(own, "")), top];
    dirs.dedup();
    dirs.into_iter().map(|dir| Place { kind: Kind::Newer, dir }).collect()
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
        let found = |mounts: &str, own: &str| {
            Controller::ALL.map(|controller| {
                let places = places(mounts, own, controller).into_iter();
                places.map(|place| (place.kind, place.dir)).collect::<Vec<_>>()
            })
        };
        let older = |dir: &str| vec![(Kind::Older, PathBuf::from(dir))];
        assert_eq!(found(apart, own), [older("/cg/memory"), older("/cg/pids")]);
        let dir = tempfile::tempdir().unwrap();
        let top = dir.path().to_path_buf();
        fs::create_dir(top.join("kojid.service")).unwrap();
        let together = format!("cgroup2 {} cgroup2 rw,nosuid 0 0\n", top.display());
        let newer = vec![(Kind::Newer, top.join("kojid.service")), (Kind::Newer, top.clone())];
        assert_eq!(found(&together, "0::/kojid.service\n"), [newer.clone(), newer]);
        let both = format!("cgroup /cg/memory cgroup rw,memory 0 0\n{together}");
        assert_eq!(found(&both, "0::/\n"), [older("/cg/memory"), vec![(Kind::Newer, top)]]);
        assert_eq!(found("proc /proc proc rw 0 0\n", "0::/\n"), [vec![], vec![]]);
    }

    #[test]
    fn limits_are_written_where_the_newer_kind_has_them() {
        let dir = tempfile::tempdir().unwrap();
        let top = dir.path();
        fs::create_dir(top.join("kojid.service")).unwrap();
        let mounts = format!("cgroup2 {} cgroup2 rw,nosuid 0 0\n", top.display());
        let caps = Caps { memory_bytes: 4096, processes: 7 };
        let group = Cgroup::make_from((&mounts, "0::/kojid.service\n"), "root-1", caps).unwrap();
        let read = |name: &str| fs::read_to_string(top.join("kojid.service").join(name)).unwrap();
        assert_eq!((read("root-1/memory.max"), read("root-1/pids.max")), ("4096".into(), "7".into()));
        group.admit(42).unwrap();
        assert_eq!(read("root-1/cgroup.procs"), "42");
        assert_eq!(group.dirs.len(), 1);
    }
}
