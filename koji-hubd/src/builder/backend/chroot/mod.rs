//! [`Chroot`]: buildroots of our own, installed by dnf from the tag's repository into a directory.
//!
//! Whatever runs in one runs in namespaces of its own (see [`super::enter`]), sees nothing of this machine but its
//! kernel, and has no network unless the task or the tag says so.

mod build;
mod conflicts;
mod facts;
mod logs;
mod packages;
mod place;

use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use koji_core::{Error, Fault, Result};

use super::cgroup::{self, Caps, Cgroup};
use super::command;
use super::enter::{Account, Entry};
use super::installed::{self, Installed};
use super::{Backend, BuildJob, RootCommand, Site, SourceDir, SpecJob};
use crate::builder::buildroot::BuildRoot;
use crate::builder::files;
use crate::builder::log_stream::{self, LogStream};
use crate::builder::process::User;

pub use place::buildroots_dir;
use place::{HOME, Place, account};

/// Buildroots in directories.
#[derive(Default)]
pub struct Chroot {
    place: Place,
    account: Option<Account>,
    group: Option<Cgroup>,
    /// Limits of each process, where there are no control groups.
    limits: Vec<(String, String)>,
    logs: Vec<LogStream>,
}

impl Backend for Chroot {
    fn init(&mut self, site: &mut Site<'_>, root: &BuildRoot) -> Result<()> {
        if !User::is_root() {
            return Err(Error::new(
                Fault::Buildroot,
                "buildroots of the kind \"chroot\" need a builder that runs as root: start kojid as root, or set \
                 buildroot = mock or host",
            ));
        }
        let account = account(site.settings);
        self.place = Place::make(site, root, &account)?;
        self.account = Some(account);
        self.state(site, "Start: chroot init")?;
        self.describe(site, root)?;
        self.limit(site, root)?;
        self.install_group(site, root)?;
        self.tell_installed(site)?;
        self.state(site, "Finish: chroot init")
    }

    fn install(&mut self, site: &mut Site<'_>, root: &BuildRoot, packages: &[String]) -> Result<()> {
        if packages.is_empty() {
            return Ok(());
        }
        self.dnf(site, root, packages)?;
        self.tell_installed(site)
    }

    fn run(&mut self, site: &mut Site<'_>, root: &BuildRoot, command: RootCommand<'_>) -> Result<ExitStatus> {
        let mut entry = self.inside(root, command.args);
        entry.as_account = !command.as_root;
        entry.dir = command.dir.unwrap_or(Path::new("/")).to_owned();
        entry.env.extend(command.env.iter().cloned());
        let log = site.workdir.join(command.log);
        self.enter(site, &entry, (&log, command.timeout))
    }

    fn installed(&self, _site: &mut Site<'_>) -> Result<Vec<Installed>> {
        installed::list_of_root(&self.place.root, &self.place.dnf)
    }

    fn rebuild_srpm(&mut self, site: &mut Site<'_>, root: &BuildRoot, srpm: &Path) -> Result<()> {
        self.make_source(site, root, srpm)
    }

    fn source_dir(&self) -> SourceDir {
        let below = |dir: &Path| dir.join("scmroot");
        SourceDir { outside: below(&self.place.tmp), inside: below(&self.place.seen_tmp) }
    }

    fn own_sources(&self) -> Result<()> {
        let dir = self.source_dir().outside;
        self.account.as_ref().map_or(Ok(()), |account| place::user(account).own_tree(&dir))
    }

    fn build_srpm(&mut self, site: &mut Site<'_>, root: &BuildRoot, job: SpecJob<'_>) -> Result<()> {
        self.make_source_of(site, root, job)
    }

    fn build(&mut self, site: &mut Site<'_>, root: &BuildRoot, job: BuildJob<'_>) -> Result<()> {
        self.make_packages(site, root, job)
    }

    fn results(&self) -> &Path {
        &self.place.results
    }

    fn logs(&self) -> &[LogStream] {
        &self.logs
    }

    fn root_dir(&self) -> Option<&Path> {
        Some(&self.place.root)
    }

    fn clean(&mut self) -> Result<()> {
        self.group = None;
        files::remove_dir(&self.place.dir)
    }
}

impl Chroot {
    /// What a program inside sees: as the user who builds, in its home.
    fn inside(&self, root: &BuildRoot, args: &[String]) -> Entry {
        let network = root.has_network();
        let mut binds = vec![
            (self.place.home.clone(), PathBuf::from(HOME)),
            (self.place.tmp.clone(), self.place.seen_tmp.clone()),
        ];
        binds.extend(root.options.binds.iter().cloned());
        let mut env: Vec<(String, String)> = [
            ("PATH", "/usr/bin:/bin:/usr/sbin:/sbin"),
            ("HOME", HOME),
            ("HOSTNAME", "mock"),
            ("LANG", "C.UTF-8"),
            ("SHELL", "/bin/bash"),
            ("TERM", "vt100"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        env.extend(root.env.iter().cloned());
        Entry {
            root: self.place.root.clone(),
            enclosed: true,
            layer: None,
            own_users: false,
            network,
            binds,
            files: if network { place::network_files() } else { vec![] },
            account: self.account.clone(),
            as_account: true,
            narrow: place::is_narrow(&root.arch, std::env::consts::ARCH),
            limits: self.limits.clone(),
            args: args.to_vec(),
            env,
            dir: PathBuf::from(HOME),
        }
    }

    /// Runs a program in the namespaces; its output goes into a log, which is uploaded meanwhile.
    fn enter(
        &mut self,
        site: &mut Site<'_>,
        entry: &Entry,
        (log, timeout): (&Path, std::time::Duration),
    ) -> Result<ExitStatus> {
        let group = &self.group;
        let admit = |pid| group.as_ref().map_or(Ok(()), |group| group.admit(pid));
        let logs = log_stream::watch(&mut self.logs, log);
        command::run_entered(entry, (log, timeout), &admit, (site, logs))
    }

    /// Sets the limits of all that runs in the buildroot, and says in the log which.
    fn limit(&mut self, site: &mut Site<'_>, root: &BuildRoot) -> Result<()> {
        let caps = facts::caps(site.settings)?;
        let Caps { memory_bytes, processes } = caps;
        let (group, told) = match Cgroup::make(&cgroup::name(site.settings, root.id), caps) {
            Ok(group) => (Some(group), "by a control group".to_owned()),
            Err(error) => {
                // limits are set for a user's processes together, and for the memory of each process apart
                self.limits = vec![
                    ("RLIMIT_DATA".to_owned(), memory_bytes.to_string()),
                    ("RLIMIT_NPROC".to_owned(), processes.to_string()),
                ];
                (None, format!("for each process only, because {}", error.message))
            }
        };
        self.group = group;
        self.note(site, &format!("limits: {memory_bytes} bytes of memory, {processes} processes, {told}"))
    }
}
