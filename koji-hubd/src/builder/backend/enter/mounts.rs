//! What is mounted in a root: nothing of it is seen outside of the mount namespace.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use koji_core::{Error, Fault, Result};

use super::{Entry, overlay, sys, tell};

/// The devices that programs take for granted.
const DEVICES: [&str; 6] = ["null", "zero", "full", "random", "urandom", "tty"];

/// Links below `/dev`.
const LINKS: [(&str, &str); 5] = [
    ("fd", "/proc/self/fd"),
    ("stdin", "/proc/self/fd/0"),
    ("stdout", "/proc/self/fd/1"),
    ("stderr", "/proc/self/fd/2"),
    ("ptmx", "pts/ptmx"),
];

/// Keeps what is mounted from here on inside of this namespace.
pub(super) fn make_private() -> Result<()> {
    sys::mount(None, Path::new("/"), None, libc::MS_REC | libc::MS_PRIVATE, "")
        .map_err(|error| at("/", error))
}

/// Mounts what a root needs.
pub(super) fn prepare(entry: &Entry) -> Result<()> {
    let root = &entry.root;
    // a root must be a mount point; devices in its files mean nothing
    bind(root, root)?;
    if !entry.own_users {
        // users other than the superuser can't make devices, nor change what a mount allows
        let flags = libc::MS_BIND | libc::MS_REMOUNT | libc::MS_NODEV;
        sys::mount(None, root, None, flags, "").map_err(|error| at(root, error))?;
    }
    if let Some(layer) = &entry.layer {
        overlay::lay(root, layer, entry.own_users)?;
    }
    let safe = libc::MS_NOSUID | libc::MS_NODEV | libc::MS_NOEXEC;
    let proc_dir = plain_dir(root, Path::new("proc"))?;
    mount("proc", &proc_dir, safe, "")?;
    if !entry.enclosed {
        // whoever sees this machine must see the processes of the new namespace, itself among them
        mount("proc", Path::new("/proc"), safe, "")?;
    }
    let sys_dir = plain_dir(root, Path::new("sys"))?;
    mount("sysfs", &sys_dir, safe | libc::MS_RDONLY, "")
        .unwrap_or_else(|error| tell("/sys is left empty", &error.message));
    devices(root, entry.own_users)?;
    for (outside, inside) in &entry.binds {
        bind(outside, &plain_dir(root, inside)?)?;
    }
    Ok(())
}

fn devices(root: &Path, own_users: bool) -> Result<()> {
    let dev = plain_dir(root, Path::new("dev"))?;
    mount("tmpfs", &dev, libc::MS_NOSUID, "mode=755,size=1m")?;
    for name in DEVICES {
        let node = dev.join(name);
        File::create(&node).map_err(|error| at(&node, error))?;
        bind(&Path::new("/dev").join(name), &node)?;
    }
    for (name, target) in LINKS {
        let link = dev.join(name);
        std::os::unix::fs::symlink(target, &link).map_err(|error| at(&link, error))?;
    }
    let pts = plain_dir(root, Path::new("dev/pts"))?;
    // the group of terminals is unknown where there is but one user
    let group = if own_users { "" } else { ",gid=5" };
    let options = format!("newinstance,ptmxmode=0666,mode=620{group}");
    mount("devpts", &pts, libc::MS_NOSUID | libc::MS_NOEXEC, &options)?;
    let shm = plain_dir(root, Path::new("dev/shm"))?;
    mount("tmpfs", &shm, libc::MS_NOSUID | libc::MS_NODEV, "mode=1777")
}

fn mount(kind: &str, target: &Path, flags: libc::c_ulong, data: &str) -> Result<()> {
    sys::mount(Some(Path::new(kind)), target, Some(kind), flags, data).map_err(|error| at(target, error))
}

fn bind(source: &Path, target: &Path) -> Result<()> {
    sys::mount(Some(source), target, None, libc::MS_BIND, "").map_err(|error| at(target, error))
}

fn at(path: impl AsRef<Path>, error: std::io::Error) -> Error {
    let text = format!("cannot mount {}: {error}", path.as_ref().display());
    Error::new(Fault::Buildroot, text).caused_by(error)
}

/// A directory below a root, made if it is missing. A package may have put a link there, which would lead
/// out of the root: that is refused.
fn plain_dir(root: &Path, inside: &Path) -> Result<PathBuf> {
    let mut path = root.to_owned();
    for part in inside.components() {
        let Component::Normal(name) = part else { continue };
        path.push(name);
        match path.symlink_metadata() {
            Ok(meta) if meta.is_dir() => {}
            Ok(_) => {
                let text = format!("{} is no directory in the buildroot", inside.display());
                return Err(Error::new(Fault::Buildroot, text));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                fs::create_dir(&path).map_err(|error| Error::io(&path, error))?;
            }
            Err(error) => return Err(Error::io(&path, error)),
        }
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_do_not_lead_out_of_a_root() {
        let dir = tempfile::tempdir().unwrap();
        let made = plain_dir(dir.path(), Path::new("/a/b")).unwrap();
        assert_eq!(made, dir.path().join("a/b"));
        assert!(made.is_dir());
        std::os::unix::fs::symlink("/", dir.path().join("out")).unwrap();
        assert!(plain_dir(dir.path(), Path::new("/out/tmp")).is_err());
    }
}
