//! [`Place`]: the directories of a buildroot on this machine, and who builds in it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use koji_core::{Error, Result};

use crate::builder::backend::enter::Account;
use crate::builder::backend::{Site, macros};
use crate::builder::buildroot::BuildRoot;
use crate::builder::config::Settings;
use crate::builder::files;
use crate::builder::process::User;

/// The home of the user who builds, in the buildroot.
pub(super) const HOME: &str = "/builddir";

/// Who builds when the machine has no such user: a number that no user has, as nothing outside of the
/// buildroot may reach its processes.
const LONE_UID: u32 = 65_533;

/// The group of those who build, as mock has it.
const GROUP: &str = "mock";

/// The directories of a buildroot.
#[derive(Debug, Default)]
pub(super) struct Place {
    /// All of it.
    pub dir: PathBuf,
    /// Its root directory.
    pub root: PathBuf,
    /// What is `/builddir` in it.
    pub home: PathBuf,
    /// What is `chroot_tmpdir` in it.
    pub tmp: PathBuf,
    /// Where the buildroot sees that.
    pub seen_tmp: PathBuf,
    /// dnf's configuration and what it keeps.
    pub dnf: PathBuf,
    /// Copies of the results, which the build can't reach.
    pub results: PathBuf,
}

impl Place {
    /// Makes the directories anew.
    pub(super) fn make(site: &Site<'_>, root: &BuildRoot, account: &Account) -> Result<Self> {
        let dir = buildroots_dir(site.settings).join(&root.name);
        files::make_dir(&dir)?;
        // what users of this machine can't enter they can't tamper with, whatever their number
        set_mode(&dir, 0o700)?;
        let below = |name: &str| dir.join(name);
        let place = Self {
            root: below("root"),
            home: below("builddir"),
            tmp: below("tmp"),
            seen_tmp: PathBuf::from(site.settings.text("chroot_tmpdir")),
            dnf: below("dnf"),
            results: below("result"),
            dir,
        };
        let tree =
            ["", "build", "build/BUILD", "build/BUILDROOT", "build/RPMS", "build/SOURCES", "build/SPECS"];
        let rest = ["build/SRPMS", "build/originals"];
        for path in [&place.root, &place.dnf, &place.results] {
            make_dir(path, 0o755)?;
        }
        for name in tree.iter().chain(&rest) {
            let path = place.home.join(name);
            make_dir(&path, 0o755)?;
            give(&path, account)?;
        }
        make_dir(&place.tmp, 0o1777)?;
        let path = place.home.join(".rpmmacros");
        let text = macros::file(&macros::of(site.settings, root, &format!("{HOME}/build")));
        fs::write(&path, text).map_err(|error| Error::io(&path, error))?;
        give(&path, account)?;
        Ok(place)
    }

    /// A directory of the build that only the build writes to; it may not have become a link.
    pub(super) fn build_dir(&self, name: &str) -> Result<PathBuf> {
        let build = self.home.join("build");
        for dir in [&build, &build.join(name)] {
            if !dir.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
                return Err(Error::build(format!("the build replaced {}", dir.display())));
            }
        }
        Ok(build.join(name))
    }
}

/// Where all buildroots of this builder are.
pub fn buildroots_dir(settings: &Settings) -> PathBuf {
    settings.workdir().join("buildroots")
}

/// The user who builds.
pub(super) fn account(settings: &Settings) -> Account {
    let user = User::find(settings.text("mockuser")).filter(|user| user.uid != 0);
    let (uid, gid) = user.map_or((LONE_UID, LONE_UID), |user| (user.uid, user.gid));
    Account { name: "mockbuild".into(), group: GROUP.into(), uid, gid, home: HOME.into() }
}

/// Gives a file or directory to the user who builds.
pub(super) fn give(path: &Path, account: &Account) -> Result<()> {
    user(account).own(path)
}

/// The user who builds, as this machine has it.
pub(super) fn user(account: &Account) -> User {
    User { name: account.name.clone(), uid: account.uid, gid: account.gid }
}

/// What a root with network needs of this machine's configuration.
pub(super) fn network_files() -> Vec<(PathBuf, String)> {
    let read = |path: &str| Some((PathBuf::from(path), fs::read_to_string(path).ok()?));
    ["/etc/resolv.conf", "/etc/hosts"].into_iter().filter_map(read).collect()
}

/// Whether an arch has 32 bits on a machine that has 64.
pub(super) fn is_narrow(arch: &str, machine: &str) -> bool {
    let narrow: &[&str] = match machine {
        "x86_64" => &["i386", "i486", "i586", "i686", "athlon"],
        "aarch64" => &["armhfp", "armv7hl", "armv7l", "arm"],
        "powerpc64" => &["ppc"],
        "s390x" => &["s390"],
        _ => &[],
    };
    narrow.contains(&arch)
}

fn make_dir(path: &Path, mode: u32) -> Result<()> {
    fs::create_dir_all(path).map_err(|error| Error::io(path, error))?;
    set_mode(path, mode)
}

fn set_mode(path: &Path, mode: u32) -> Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(|error| Error::io(path, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_arches_are_narrower_than_their_machine() {
        assert!(is_narrow("i386", "x86_64") && is_narrow("armhfp", "aarch64"));
        assert!(!is_narrow("x86_64", "x86_64") && !is_narrow("i386", "x86"));
    }
}
