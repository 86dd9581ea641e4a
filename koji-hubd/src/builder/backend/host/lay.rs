//! What is laid over the host for a build: which packages of the tag's repository, and what the log says of it.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use koji_core::api::tag_group::GetTagGroups;
use koji_core::client::field;
use koji_core::compose::choose::choose;
use koji_core::rpm::capability::Capability;
use koji_core::wire::Value;
use koji_core::{Error, Fault, Result};

use super::Host;
use super::held::{self, Held};
use super::layer::{self, Layer};
use super::shelf::Shelf;
use crate::builder::backend::{Site, command};
use crate::builder::buildroot::BuildRoot;
use crate::builder::log_stream::{self, Live as _};
use crate::builder::process;

/// What is laid over the host, and how.
const ROOT_LOG: &str = "root.log";

impl Host {
    /// Lays over the host what the tag's group names: what is neither installed here nor has all its programs here.
    pub(super) fn lay_group(&mut self, site: &mut Site<'_>, root: &BuildRoot) -> Result<()> {
        let event = root.event.map(Into::into);
        let groups = site.session.ask(GetTagGroups { event, ..GetTagGroups::new(root.tag_id) })?;
        let named = group_packages(&groups, root.options.group);
        let held = self.held();
        let missing: Vec<_> = named
            .iter()
            .map(|name| Capability::parse(name))
            .filter(|need| !held.has_installed(need))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let shelf = self.shelf(site, root)?;
        let is_offered = |need: &Capability| {
            let mut fitting = shelf.offers().iter().filter(|offer| offer.meets(need)).peekable();
            fitting.peek().is_some() && !fitting.any(held::has_programs)
        };
        let (wanted, left): (Vec<_>, Vec<_>) = missing.into_iter().partition(is_offered);
        if !left.is_empty() {
            let names: Vec<_> = left.iter().map(|need| need.name.as_str()).collect();
            let group = root.options.group;
            self.note(
                site,
                &format!("of the group {group}, the host's own tools stand for: {}", names.join(", ")),
            )?;
        }
        if wanted.is_empty() {
            return Ok(());
        }
        // a build may well do without a group, and is told what is missing if it can't
        self.lay_over(site, root, &wanted).map(drop).or_else(|error| {
            tracing::warn!(%error, "nothing of the group is laid over the host");
            self.note(site, &format!("nothing of the group is laid over the host: {}", error.message))
        })
    }

    /// Lays what is wanted over the host; gives what the tag's repository has not.
    pub(super) fn lay_over(
        &mut self,
        site: &mut Site<'_>,
        root: &BuildRoot,
        wanted: &[Capability],
    ) -> Result<Vec<String>> {
        if wanted.is_empty() {
            return Ok(vec![]);
        }
        let held = self.held();
        let shelf = self.shelf(site, root)?;
        let choice = choose(shelf.offers(), wanted, |need| held.has(need));
        let written = |need: &Capability| need.to_string();
        if !choice.absent.is_empty() {
            return Ok(choice.absent.iter().map(written).collect());
        }
        let offers: Vec<_> = choice.taken.iter().map(|at| &shelf.offers()[*at]).collect();
        let names: Vec<String> = offers.iter().map(|offer| offer.nvra()).collect();
        let layer = match self.layer.take() {
            Some(layer) => layer,
            None => Layer::make(&site.workdir.join("layer"), &self.database)?,
        };
        let rpms = shelf.fetch(site, layer.rpms(), &offers)?;
        self.note(site, &format!("laid over the host, from the tag's repository: {}", names.join(", ")))?;
        if !choice.unmet.is_empty() {
            let unmet: Vec<_> = choice.unmet.iter().map(written).collect();
            self.note(
                site,
                &format!("taken to be on the host, as the repository has none: {}", unmet.join(", ")),
            )?;
        }
        let layer = self.layer.insert(layer);
        let log = site.workdir.join(ROOT_LOG);
        let before = fs::metadata(&log).map_or(0, |meta| meta.len());
        let entry = layer.installation(&rpms)?;
        let watched = log_stream::watch(&mut self.logs, &log);
        let status = command::run_entered(&entry, (&log, Duration::ZERO), &|_| Ok(()), (site, watched))?;
        if status.success() {
            return Ok(vec![]);
        }
        let ended = process::status_text("rpm", status);
        Err(Error::new(Fault::Buildroot, layer::failure(&names, &ended, &written_since(&log, before))))
    }

    fn shelf(&mut self, site: &Site<'_>, root: &BuildRoot) -> Result<Shelf> {
        match &self.shelf {
            Some(shelf) => Ok(shelf.clone()),
            None => Ok(self.shelf.insert(Shelf::load(site, root)?).clone()),
        }
    }

    pub(super) fn held(&self) -> Held {
        Held::read(self.layer.as_ref().map_or(&self.database, Layer::database))
    }

    pub(super) fn note(&mut self, site: &mut Site<'_>, text: &str) -> Result<()> {
        let path = site.workdir.join(ROOT_LOG);
        let mut file = fs::File::options()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(|error| Error::io(&path, error))?;
        writeln!(file, "{text}").map_err(|error| Error::io(&path, error))?;
        log_stream::watch(&mut self.logs, &path).sync(site.session, &site.upload_dir)
    }
}

/// What a log has had added since it was so long.
pub(super) fn written_since(log: &Path, before_bytes: u64) -> String {
    let written = fs::read(log).unwrap_or_default();
    let new = written.get(usize::try_from(before_bytes).unwrap_or_default()..).unwrap_or_default();
    String::from_utf8_lossy(new).into_owned()
}

/// The packages of a group that are installed with it, and of the groups that it requires.
fn group_packages(groups: &Value, name: &str) -> Vec<String> {
    let all = groups.as_array().unwrap_or_default();
    let (mut open, mut seen, mut packages) = (vec![name.to_owned()], vec![], vec![]);
    while let Some(name) = open.pop() {
        let Some(group) = all.iter().find(|group| field(group, "name").as_str() == Some(&name)) else {
            continue;
        };
        seen.push(name);
        let is_default = |row: &&Value| matches!(field(row, "type").as_str(), Some("mandatory" | "default"));
        let rows = |list: &str| field(group, list).as_array().unwrap_or_default();
        let named = |row: &Value, member: &str| field(row, member).as_str().unwrap_or_default().to_owned();
        packages.extend(rows("packagelist").iter().filter(is_default).map(|row| named(row, "package")));
        open.extend(
            rows("grouplist").iter().map(|row| named(row, "name")).filter(|name| !seen.contains(name)),
        );
    }
    packages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_that_a_group_requires_belong_to_it() {
        let row = |name: &str, kind: &str| {
            Value::Struct(map! { "package" => name, "name" => name, "type" => kind })
        };
        let group = |name: &str, packages: Vec<Value>, groups: Vec<Value>| {
            Value::Struct(map! { "name" => name, "packagelist" => packages, "grouplist" => groups })
        };
        let groups = Value::Array(vec![
            group(
                "build",
                vec![row("bash", "mandatory"), row("doc", "optional")],
                vec![row("base", "mandatory")],
            ),
            group("base", vec![row("sed", "default")], vec![row("build", "mandatory")]),
        ]);
        assert_eq!(group_packages(&groups, "build"), ["bash", "sed"]);
        assert!(group_packages(&groups, "none").is_empty());
    }
}
