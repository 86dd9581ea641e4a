//! The logs of a buildroot, under the names that mock gives them.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use koji_core::{Error, Result};
use time::OffsetDateTime;
use time::macros::format_description;

use super::Chroot;
use crate::builder::backend::Site;
use crate::builder::backend::installed;
use crate::builder::log_stream::{self, Live as _};

/// What is installed, and how.
pub(super) const ROOT: &str = "root.log";
/// The output of rpmbuild.
pub(super) const BUILD: &str = "build.log";
/// What began and ended when.
const STATE: &str = "state.log";
/// The machine.
pub(super) const HW_INFO: &str = "hw_info.log";
/// All that is installed at last.
const INSTALLED: &str = "installed_pkgs.log";

impl Chroot {
    /// Notes that something begins or ends.
    pub(super) fn state(&mut self, site: &mut Site<'_>, what: &str) -> Result<()> {
        let format =
            format_description!("[year]-[month]-[day] [hour]:[minute]:[second],[subsecond digits:3]");
        let now = OffsetDateTime::now_utc().format(&format).unwrap_or_default();
        self.append(site, STATE, &format!("{now} - {what}\n"))
    }

    /// Notes something about the root.
    pub(super) fn note(&mut self, site: &mut Site<'_>, text: &str) -> Result<()> {
        self.append(site, ROOT, &format!("{text}\n"))
    }

    /// Writes a log in one go; one that was there is replaced.
    pub(super) fn write_log(&mut self, site: &mut Site<'_>, name: &str, text: &str) -> Result<()> {
        let path = site.workdir.join(name);
        drop(std::fs::remove_file(&path));
        self.logs.retain(|log| log.path() != path);
        self.append(site, name, text)
    }

    /// Lists what is installed.
    pub(super) fn tell_installed(&mut self, site: &mut Site<'_>) -> Result<()> {
        let list = installed::list_of_root(&self.place.root, &self.place.dnf)?;
        let mut lines: Vec<_> = list.iter().map(installed::Installed::log_line).collect();
        lines.sort();
        self.write_log(site, INSTALLED, &lines.concat())
    }

    fn append(&mut self, site: &mut Site<'_>, name: &str, text: &str) -> Result<()> {
        let path = site.workdir.join(name);
        append(&path, text).map_err(|error| Error::io(&path, error))?;
        log_stream::watch(&mut self.logs, &path).sync(site.session, &site.upload_dir)
    }
}

fn append(path: &Path, text: &str) -> std::io::Result<()> {
    OpenOptions::new().create(true).append(true).open(path)?.write_all(text.as_bytes())
}
