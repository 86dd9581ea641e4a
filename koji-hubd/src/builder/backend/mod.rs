//! What buildroots are made with: [`Mock`], another program; [`Chroot`], a root directory of our own; or [`Host`],
//! the machine itself.

mod cgroup;
mod chroot;
pub(in crate::builder) mod command;
pub mod enter;
mod host;
mod installed;
mod macros;
mod mock;
mod provided;

use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use koji_core::client::Session;
use koji_core::{Error, Fault, Result};

use super::buildroot::BuildRoot;
use super::config::Settings;
use super::files;
use super::log_stream::LogStream;

pub use chroot::{Chroot, buildroots_dir};
pub use host::Host;
pub(super) use host::build_user;
pub use installed::Installed;
pub use mock::Mock;

/// Where a build happens and where its logs go.
pub struct Site<'a> {
    /// The options of the builder.
    pub settings: &'a Settings,
    /// The session that logs are uploaded by.
    pub session: &'a mut Session,
    /// Where on the hub.
    pub upload_dir: String,
    /// The directory of the task.
    pub workdir: PathBuf,
}

/// A way to build packages.
pub trait Backend {
    /// Makes everything ready.
    fn init(&mut self, site: &mut Site<'_>, root: &BuildRoot) -> Result<()>;

    /// Installs more packages, given by name or by what they provide.
    fn install(&mut self, site: &mut Site<'_>, root: &BuildRoot, packages: &[String]) -> Result<()>;

    /// Runs a command in it and tells how it ended.
    fn run(&mut self, site: &mut Site<'_>, root: &BuildRoot, command: RootCommand<'_>) -> Result<ExitStatus>;

    /// What is installed in it; nothing if that can't be told.
    fn installed(&self, site: &mut Site<'_>) -> Result<Vec<Installed>>;

    /// Makes a source rpm anew from another.
    fn rebuild_srpm(&mut self, site: &mut Site<'_>, root: &BuildRoot, srpm: &Path) -> Result<()>;

    /// Where sources are put that a source rpm is made of.
    fn source_dir(&self) -> SourceDir;

    /// Gives all that was put there to the user who builds.
    fn own_sources(&self) -> Result<()>;

    /// Makes a source rpm from a spec file and its sources.
    fn build_srpm(&mut self, site: &mut Site<'_>, root: &BuildRoot, job: SpecJob<'_>) -> Result<()>;

    /// Builds a source rpm for an arch: binary rpms and the source rpm as it comes out.
    fn build(&mut self, site: &mut Site<'_>, root: &BuildRoot, job: BuildJob<'_>) -> Result<()>;

    /// The directory of the results, safe from what the build may still do.
    fn results(&self) -> &Path;

    /// The logs that were written.
    fn logs(&self) -> &[LogStream];

    /// Where the root directory of the buildroot is on this machine, if it has one of its own.
    fn root_dir(&self) -> Option<&Path>;

    /// Removes what was made for it; the results too.
    fn clean(&mut self) -> Result<()>;
}

/// A command to run in a buildroot.
#[derive(Clone, Copy, Debug)]
pub struct RootCommand<'a> {
    /// The program and its arguments.
    pub args: &'a [String],
    /// Whether it runs as the superuser of the buildroot, not as the user who builds.
    pub as_root: bool,
    /// The directory to work in, as the buildroot has it; none is `/`, or what stands for it.
    pub dir: Option<&'a Path>,
    /// Further variables of its environment.
    pub env: &'a [(String, String)],
    /// The name of the log that its output goes to.
    pub log: &'a str,
    /// How long it may take; zero is without end.
    pub timeout: Duration,
}

/// A directory of sources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceDir {
    /// Where it is on this machine.
    pub outside: PathBuf,
    /// Where the buildroot sees it.
    pub inside: PathBuf,
}

impl SourceDir {
    /// Where the buildroot sees what is in the directory.
    pub fn seen(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.outside).map_or_else(|_| path.to_owned(), |below| self.inside.join(below))
    }
}

/// What a source rpm is made of, by its paths in the buildroot.
#[derive(Clone, Copy, Debug)]
pub struct SpecJob<'a> {
    /// The spec file.
    pub spec: &'a Path,
    /// The directory that the spec file's sources lie in.
    pub sources: &'a Path,
}

/// A build.
#[derive(Clone, Copy, Debug)]
pub struct BuildJob<'a> {
    /// The source rpm.
    pub srpm: &'a Path,
    /// The arch to build for, `noarch` perhaps.
    pub arch: &'a str,
}

/// The roots of mock that this builder made: their names, and what removes each.
pub fn mock_roots(settings: &Settings) -> Vec<String> {
    let names = files::names(&mock::config_dir(settings)).unwrap_or_default();
    names.iter().filter_map(|name| name.strip_suffix(".cfg")).map(str::to_owned).collect()
}

/// Removes a root of mock.
pub fn remove_mock_root(settings: &Settings, name: &str) -> Result<()> {
    let config = mock::config_dir(settings).join(format!("{name}.cfg"));
    mock::remove(&config, &PathBuf::from(settings.text("mockdir")).join(name))
}

/// Refuses a kind of buildroot that this machine can't make.
///
/// # Errors
/// There is no such kind, or it is mock's, and mock is not installed.
pub fn check(settings: &Settings) -> Result<()> {
    let wrong = |text: String| Err(Error::new(Fault::Configuration, text));
    match settings.text("buildroot") {
        "mock" if !mock::is_there() => wrong(
            "buildroots are made by mock, which is not installed: install it, or set buildroot = chroot (with dnf, \
             as root) or buildroot = host (for trying out)"
                .into(),
        ),
        kind if KINDS.contains(&kind) => Ok(()),
        other => wrong(format!("no such kind of buildroot: {other:?}, there are {}", KINDS.join(", "))),
    }
}

/// Removes what a buildroot left beside its directory.
pub fn sweep(settings: &Settings, id: i64) {
    cgroup::Cgroup::sweep(&cgroup::name(settings, id));
}

/// The kinds of buildroots, as the configuration names them.
pub const KINDS: [&str; 3] = ["mock", "chroot", "host"];

/// The backend that the configuration names.
pub fn from_settings(settings: &Settings) -> Result<Box<dyn Backend>> {
    match settings.text("buildroot") {
        "chroot" => Ok(Box::new(Chroot::default())),
        "mock" => Ok(Box::new(Mock::default())),
        "host" => Ok(Box::new(Host::default())),
        other => Err(Error::new(Fault::Configuration, format!("no such kind of buildroot: {other:?}"))),
    }
}
