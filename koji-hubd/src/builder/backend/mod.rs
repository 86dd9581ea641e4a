//! What buildroots are made with. There is one kind, [`Host`]: the machine itself.

mod command;
mod host;
mod installed;

use std::path::{Path, PathBuf};

use koji_core::client::Session;
use koji_core::{Error, Fault, Result};

use super::buildroot::BuildRoot;
use super::config::Settings;
use super::log_stream::LogStream;

pub use host::Host;
pub use installed::Installed;

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

    /// What is installed in it; nothing if that can't be told.
    fn installed(&self, site: &mut Site<'_>) -> Result<Vec<Installed>>;

    /// Makes a source rpm anew from another.
    fn rebuild_srpm(&mut self, site: &mut Site<'_>, root: &BuildRoot, srpm: &Path) -> Result<()>;

    /// Builds a source rpm for an arch: binary rpms and the source rpm as it comes out.
    fn build(&mut self, site: &mut Site<'_>, root: &BuildRoot, job: BuildJob<'_>) -> Result<()>;

    /// The directory of the results, safe from what the build may still do.
    fn results(&self) -> &Path;

    /// The logs that were written.
    fn logs(&self) -> &[LogStream];
}

/// A build.
#[derive(Clone, Copy, Debug)]
pub struct BuildJob<'a> {
    /// The source rpm.
    pub srpm: &'a Path,
    /// The arch to build for, `noarch` perhaps.
    pub arch: &'a str,
}

/// The backend that the configuration names.
pub fn from_settings(settings: &Settings) -> Result<Box<dyn Backend>> {
    match settings.text("buildroot") {
        "host" => Ok(Box::new(Host::default())),
        other => Err(Error::new(Fault::Configuration, format!("no such kind of buildroot: {other:?}"))),
    }
}
