//! Installing into a root: dnf's configuration, its call, and what its log tells of a failure.

use std::fs;
use std::path::Path;
use std::time::Duration;

use koji_core::client::urls_below;
use koji_core::wire::Value;
use koji_core::{Error, Fault, Result};

use super::{Chroot, logs, place};
use crate::builder::backend::enter::Entry;
use crate::builder::backend::{Site, installed};
use crate::builder::buildroot::BuildRoot;
use crate::builder::config::Settings;
use crate::builder::process;

/// The programs that can install into a root, the one tried first in front.
const PROGRAMS: [&str; 2] = ["dnf5", "dnf"];

impl Chroot {
    /// Installs the group that the task wants.
    pub(super) fn install_group(&mut self, site: &mut Site<'_>, root: &BuildRoot) -> Result<()> {
        let (name, text) = (self.place.dnf.join("dnf.conf"), config(site.settings, root, &self.place.dnf));
        fs::write(&name, text).map_err(|error| Error::io(&name, error))?;
        self.dnf(site, root, &[format!("@{}", root.options.group)])
    }

    /// Installs what is given by name, by what it provides, or as a group.
    pub(super) fn dnf(&mut self, site: &mut Site<'_>, root: &BuildRoot, what: &[String]) -> Result<()> {
        let program = program(root, |name| process::find_program(name).is_some())?;
        installed::write_macros(&self.place.root, &self.place.dnf)?;
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let mut args = vec![
            program.to_owned(),
            format!("--config={}", text(&self.place.dnf.join("dnf.conf"))),
            format!("--installroot={}", text(&self.place.root)),
            "--assumeyes".into(),
        ];
        if let Some(version) = root.extra("mock.releasever") {
            args.push(format!(
                "--releasever={}",
                version.as_str().map_or_else(|| version_text(version), Into::into)
            ));
        }
        if place::is_narrow(&root.arch, std::env::consts::ARCH) {
            args.push(format!("--forcearch={}", root.target_arch));
        }
        args.push("install".into());
        args.extend(what.iter().cloned());
        let entry = Entry {
            enclosed: false,
            network: true,
            binds: vec![],
            files: vec![],
            account: None,
            as_account: false,
            args,
            env: environment(&self.place.dnf),
            dir: self.place.dnf.clone(),
            ..self.inside(root, &[])
        };
        self.state(site, &format!("Start: {program} install"))?;
        let log = site.workdir.join(logs::ROOT);
        let before = fs::metadata(&log).map_or(0, |meta| meta.len());
        let status = self.enter(site, &entry, (&log, Duration::ZERO))?;
        self.state(site, &format!("Finish: {program} install"))?;
        if status.success() {
            return Ok(());
        }
        let written = fs::read(&log).unwrap_or_default();
        let new = written.get(usize::try_from(before).unwrap_or_default()..).unwrap_or_default();
        let ended = process::status_text(program, status);
        Err(Error::new(Fault::Buildroot, failure(&ended, &String::from_utf8_lossy(new))))
    }
}

/// The program that installs: the one that the tag names, else the first that the machine has.
fn program(root: &BuildRoot, has: impl Fn(&str) -> bool) -> Result<&'static str> {
    let wanted = root.extra("mock.package_manager").and_then(Value::as_str);
    let named = PROGRAMS.into_iter().filter(|name| Some(*name) == wanted);
    named.chain(PROGRAMS).find(|name| has(name)).ok_or_else(|| {
        Error::new(
            Fault::Buildroot,
            "buildroots of the kind \"chroot\" are installed by dnf or dnf5, and this host has neither: install one",
        )
    })
}

/// dnf's configuration: the one repository, and nothing of this machine.
fn config(settings: &Settings, root: &BuildRoot, dir: &Path) -> String {
    let dir = dir.display();
    let mut text = format!(
        "[main]\ncachedir={dir}/cache\npersistdir={dir}/state\nlogdir={dir}\nreposdir=/dev/null\nvarsdir=/dev/null\n\
         plugins=0\nretries=20\nobsoletes=1\ngpgcheck=0\nassumeyes=1\nkeepcache=0\ninstall_weak_deps=0\nstrict=1\n"
    );
    if let Some(best) = root.extra("mock.yum.best") {
        text.push_str(&format!("best={}\n", u8::from(best.is_true())));
    }
    let proxy = settings.text("yum_proxy");
    if !proxy.is_empty() {
        text.push_str(&format!("proxy={proxy}\n"));
    }
    text.push_str(&format!("\n[build]\nname=build\nbaseurl={}\n", urls(settings, root).join("\n        ")));
    if root.extra("mock.yum.module_hotfixes").is_some_and(Value::is_true) {
        text.push_str("module_hotfixes=1\n");
    }
    text
}

/// Where the repository is: below each of the hub's URLs, or in the mounted top directory.
fn urls(settings: &Settings, root: &BuildRoot) -> Vec<String> {
    let tops = settings.config().topurls();
    if tops.is_empty() {
        let path = settings.topdir().join(&root.repo_dir);
        return urls_below("file://", &path.to_string_lossy());
    }
    urls_below(&tops.join(" "), &root.repo_dir)
}

/// The environment of dnf: rpm reads the home for the macros that say where the root's database is.
fn environment(home: &Path) -> Vec<(String, String)> {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    vec![
        pair("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        pair("HOME", &home.to_string_lossy()),
        pair("LANG", "C.UTF-8"),
    ]
}

fn version_text(value: &Value) -> String {
    value.as_int().map(|number| number.to_string()).unwrap_or_default()
}

/// What to say of a failed installation: what nothing provides, else where to look.
fn failure(ended: &str, log: &str) -> String {
    let missing: Vec<_> = log.lines().filter_map(missing).collect();
    if missing.is_empty() {
        return format!("could not install the buildroot, {ended}; see root.log for more information");
    }
    format!(
        "could not install the buildroot, {ended}: the tag's repository has nothing that provides {}; \
         see root.log for more information",
        missing.join(", ")
    )
}

/// What a line of dnf names as missing.
fn missing(line: &str) -> Option<&str> {
    let line = line.trim();
    if let Some(name) = line.strip_prefix("No match for argument: ") {
        return Some(name);
    }
    if let Some((_, rest)) = line.split_once("nothing provides ") {
        return Some(rest.split_once(" needed by ").map_or(rest, |(name, _)| name));
    }
    line.strip_prefix("Module or Group '").and_then(|rest| Some(rest.split_once('\'')?.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named() {
        let log = "No match for argument: cmake >= 4\nError: Unable to find a match: cmake >= 4\n\
                   - nothing provides libx needed by a-1-1.x86_64\n\
                   Module or Group 'build' is not available.\n";
        let text = failure("dnf exited with status 1", log);
        assert!(text.contains("provides cmake >= 4, libx, build;"), "{text}");
        assert!(!failure("dnf exited with status 1", "Errors during downloading").contains("provides"));
    }
}
