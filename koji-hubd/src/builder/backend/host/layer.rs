//! [`Layer`]: packages laid over this machine's files, seen by nothing but the programs of one build.
//!
//! They are installed by the machine's own rpm, into an overlay that is mounted in namespaces of the program's
//! own (see [`Entry`]), and into a copy of the machine's rpm database: the machine itself keeps nothing of it. A builder
//! that is not the superuser does the same in a namespace of users, where directories that belong to the
//! superuser can't be written to: those that a package needs are made in the layer before.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use koji_core::rpm::RpmFile;
use koji_core::{Error, Result};

use crate::builder::backend::command::Job;
use crate::builder::backend::enter::{Account, Entry};
use crate::builder::files;
use crate::builder::process::User;

/// How the processes between end when they could not start the program.
const NOT_ENTERED: &str = "cannot enter the buildroot: ";

/// What a host with systemd needs to find others by name: `/etc/resolv.conf` leads there.
const RESOLVER: &str = "/run/systemd/resolve";

/// A layer.
#[derive(Debug)]
pub(super) struct Layer {
    dir: PathBuf,
    /// Where the machine has its rpm database.
    hosts: PathBuf,
    /// The copy.
    database: PathBuf,
    rpms: PathBuf,
}

impl Layer {
    /// Makes an empty one, with a copy of the machine's rpm database, which programs see in its place.
    pub(super) fn make(dir: &Path, database: &Path) -> Result<Self> {
        files::make_dir(dir)?;
        let dir = dir.canonicalize().map_err(|error| Error::io(dir, error))?;
        let below = |name: &str| dir.join(name);
        let layer = Self {
            hosts: real_place(database),
            database: below("db"),
            rpms: below("rpms"),
            dir: dir.clone(),
        };
        for name in ["root", "upper", "work", "db", "rpms"] {
            make_dir(&below(name), 0o755)?;
        }
        make_dir(&layer.root().join("tmp"), 0o1777)?;
        // a host without a database has nothing installed
        for name in files::names(&layer.hosts).unwrap_or_default() {
            let path = layer.hosts.join(&name);
            if path.is_file() && !name.starts_with('.') {
                fs::copy(&path, layer.database.join(&name)).map_err(|error| Error::io(&path, error))?;
            }
        }
        Ok(layer)
    }

    /// The rpm database of the host with the layer.
    pub(super) fn database(&self) -> &Path {
        &self.database
    }

    /// Where packages are put that are to be installed.
    pub(super) fn rpms(&self) -> &Path {
        &self.rpms
    }

    fn root(&self) -> PathBuf {
        self.dir.join("root")
    }

    /// Removes it.
    pub(super) fn remove(self) -> Result<()> {
        files::remove_dir(&self.dir)
    }

    /// A program of a build, as it sees the host with the layer.
    pub(super) fn entry(&self, job: &Job<'_>, build: &Path) -> Entry {
        let mut args = vec![job.program.to_owned()];
        args.extend(job.args.iter().cloned());
        let mut binds = vec![
            (build.to_owned(), build.to_owned()),
            // on a Debian host this is in the home of who builds
            (self.database.clone(), self.hosts.clone()),
        ];
        if Path::new(RESOLVER).is_dir() {
            binds.push((RESOLVER.into(), RESOLVER.into()));
        }
        Entry {
            root: self.root(),
            enclosed: true,
            layer: Some(self.dir.clone()),
            own_users: !User::is_root(),
            network: true,
            binds,
            files: vec![],
            account: Some(account(job.user)),
            as_account: true,
            narrow: false,
            limits: vec![],
            args,
            env: job.env.to_vec(),
            dir: job.dir.to_owned(),
        }
    }

    /// rpm's run that installs packages into the layer. Their scripts run where they can do what they are for:
    /// as the superuser, if the builder is that.
    pub(super) fn installation(&self, rpms: &[PathBuf]) -> Result<Entry> {
        let is_root = User::is_root();
        let mut args: Vec<String> =
            ["-U", "--nodeps", "--force", "--ignorearch", "--nosignature", "--dbpath"]
                .map(str::to_owned)
                .into();
        args.push(self.database.to_string_lossy().into_owned());
        if is_debians() {
            args.push("--force-debian".into());
        }
        if !is_root {
            args.push("--noscripts".into());
            rpms.iter().try_for_each(|rpm| self.make_dirs_of(rpm))?;
        }
        args.extend(rpms.iter().map(|rpm| rpm.to_string_lossy().into_owned()));
        let env = [("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"), ("HOME", "/"), ("LANG", "C.UTF-8")];
        let env: Vec<_> = env.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let job = Job {
            program: "rpm",
            args: &args,
            env: &env,
            user: None,
            dir: Path::new("/"),
            log: Path::new(""),
            timeout: std::time::Duration::ZERO,
        };
        let binds = [&self.database, &self.rpms].map(|dir| (dir.clone(), dir.clone()));
        // a build may have left macros in its home, which rpm would obey
        Ok(Entry {
            network: false,
            as_account: !is_root,
            binds: binds.into(),
            ..self.entry(&job, Path::new("/"))
        })
    }

    /// Makes the directories that a package has files in, where the host has them.
    fn make_dirs_of(&self, rpm: &Path) -> Result<()> {
        for file in RpmFile::open(rpm)?.files() {
            let path = Path::new(&file.name);
            let dir = if file.is_dir() { Some(path) } else { path.parent() };
            let Some(dir) = dir.filter(|dir| dir.is_absolute()) else { continue };
            let place = real_place(dir);
            let upper = self.dir.join("upper").join(place.strip_prefix("/").unwrap_or(&place));
            fs::create_dir_all(&upper).map_err(|error| Error::io(&upper, error))?;
        }
        Ok(())
    }
}

/// Where a directory is, or would be, when links are followed.
fn real_place(dir: &Path) -> PathBuf {
    for known in dir.ancestors() {
        if let Ok(real) = known.canonicalize() {
            return real.join(dir.strip_prefix(known).unwrap_or(Path::new("")));
        }
    }
    dir.to_owned()
}

/// Debian's rpm installs nothing unless it is told that this is meant.
fn is_debians() -> bool {
    let help = Command::new("rpm").arg("--help").output();
    help.is_ok_and(|told| String::from_utf8_lossy(&told.stdout).contains("--force-debian"))
}

/// Who builds: the user that was chosen, or the builder itself.
fn account(user: Option<&User>) -> Account {
    let (uid, gid) = user.map_or_else(User::own_ids, |user| (user.uid, user.gid));
    let name = user.map_or("builder", |user| user.name.as_str()).to_owned();
    Account { group: name.clone(), name, uid, gid, home: "/".into() }
}

/// What to say when packages could not be laid over the host.
pub(super) fn failure(names: &[String], ended: &str, log: &str) -> String {
    let names = names.join(", ");
    match log.lines().find_map(|line| line.strip_prefix(NOT_ENTERED)) {
        Some(reason) => format!(
            "{names} would be had from the tag's repository, but this builder can't lay it over the host ({reason}): \
             run kojid as root, or let its user make namespaces, or set buildroot = chroot or mock, or install it by hand"
        ),
        None => format!("could not lay {names} over the host, {ended}; see root.log for more information"),
    }
}

fn make_dir(path: &Path, mode: u32) -> Result<()> {
    fs::create_dir_all(path)
        .and_then(|()| fs::set_permissions(path, fs::Permissions::from_mode(mode)))
        .map_err(|error| Error::io(path, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_the_host_are_followed() {
        let dir = tempfile::tempdir().unwrap();
        let real = dir.path().canonicalize().unwrap();
        fs::create_dir(real.join("usr")).unwrap();
        std::os::unix::fs::symlink("usr", real.join("lib")).unwrap();
        assert_eq!(real_place(&real.join("lib/new/dir")), real.join("usr/new/dir"));
    }

    #[test]
    fn a_refusal_names_the_remedy() {
        let names = ["a-1-1.noarch".to_owned()];
        let text = failure(&names, "rpm exited with status 125", "cannot enter the buildroot: no\n");
        assert!(
            text.starts_with("a-1-1.noarch would be had") && text.contains("(no): run kojid as root"),
            "{text}"
        );
        assert!(
            failure(&names, "rpm exited with status 1", "").ends_with("see root.log for more information")
        );
    }
}
