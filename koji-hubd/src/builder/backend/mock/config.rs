//! The configuration file of a root, and what belongs to it.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use koji_core::mock::{MockConfig, TagSettings, Top};
use koji_core::{Error, Fault, Result};

use crate::builder::buildroot::BuildRoot;
use crate::builder::config::Settings;
use crate::builder::files;

/// Where the configuration files are: beside the builder's own work, so that each builder cleans up its own.
pub fn config_dir(settings: &Settings) -> PathBuf {
    settings.workdir().join("mock")
}

/// Writes the file.
pub(super) fn write(settings: &Settings, root: &BuildRoot) -> Result<PathBuf> {
    let dir = config_dir(settings);
    fs::create_dir_all(&dir).map_err(|error| Error::io(&dir, error))?;
    let path = dir.join(format!("{}.cfg", root.name));
    fs::write(&path, generate(settings, root)?.text()).map_err(|error| Error::io(&path, error))?;
    Ok(path)
}

fn generate(settings: &Settings, root: &BuildRoot) -> Result<MockConfig> {
    let text = |name: &str| settings.text(name).to_owned();
    let may_use_image = settings.config().flag("mock_bootstrap_image");
    if !may_use_image && root.extra("mock.bootstrap_image").is_some_and(koji_core::wire::Value::is_true) {
        tracing::warn!(
            buildroot = root.id,
            "the tag wants a bootstrap image, which mock_bootstrap_image forbids"
        );
    }
    let network = root.options.network;
    let path = |path: &Path| path.to_string_lossy().into_owned();
    let urls = settings.config().topurls();
    Ok(MockConfig {
        name: root.name.clone(),
        arch: root.arch.clone(),
        target_arch: root.target_arch.clone(),
        buildroot: Some(root.id),
        repo: root.repo_id.to_string(),
        tag: root.tag_name.clone(),
        top: match &urls[..] {
            [] => Top::Dir(text("topdir")),
            urls => Top::Urls(urls.iter().map(|&url| url.to_owned()).collect()),
        },
        mockdir: text("mockdir"),
        group: root.options.group.to_owned(),
        network,
        hosts: fs::read_to_string("/etc/hosts").ok().filter(|_| network),
        binds: root.options.binds.iter().map(|(outside, inside)| (path(outside), path(inside))).collect(),
        timeout_s: settings.config().int("rpmbuild_timeout"),
        proxy: settings.config().find_text("yum_proxy").map(str::to_owned),
        marks: ["vendor", "packager", "distribution"].map(text),
        mockhost: text("mockhost"),
        tag_settings: TagSettings::new(&root.extra, may_use_image)?.for_builder(&root.extra)?,
    })
}

/// Removes a root of mock, its companion for bootstrapping, and its configuration.
///
/// # Errors
/// Also when something is still mounted in it, which removing would empty.
pub fn remove(config: &Path, dir: &Path) -> Result<()> {
    let mut companion = dir.as_os_str().to_owned();
    companion.push("-bootstrap");
    for dir in [dir.to_owned(), PathBuf::from(companion)] {
        if let Some(mount) = mounted_below(&dir) {
            let text = format!("{mount} is mounted, so {} stays: unmount it", dir.display());
            return Err(Error::new(Fault::Buildroot, text));
        }
        files::remove_dir(&dir)?;
    }
    match fs::remove_file(config) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::io(config, error)),
        _ => Ok(()),
    }
}

fn mounted_below(dir: &Path) -> Option<String> {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let places = mounts.lines().filter_map(|line| line.split(' ').nth(1));
    places.into_iter().find(|place| Path::new(place).starts_with(dir)).map(str::to_owned)
}
