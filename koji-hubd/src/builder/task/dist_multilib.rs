//! Packages of a narrow arch in the repository of the wide one: those that rules choose, and what they need.
//!
//! The repository of the narrow arch is there already. What the chosen packages need of it is resolved by dnf's Python
//! module, which knows all of dnf's preferences.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use koji_core::arch::canonical;
use koji_core::compose::multilib::{Package, Rules};
use koji_core::rpm::RpmFile;
use koji_core::rpm::deps::DepKind;
use koji_core::wire::{self, Value};
use koji_core::{Error, Result};
use serde_json::json;

use super::build_arch::site;
use super::dist_log;
use super::dist_rpm::{Chosen, place_of};
use super::run::Run;
use crate::builder::backend::command::{self, Job};
use crate::builder::log_stream::LogStream;
use crate::builder::{files, process};

const PYTHON: &str = "/usr/bin/python3";
const PROGRAM: &str = include_str!("dist_multilib.py");
const LOG: &str = "multilib.log";

/// Which arch lends its packages to which, by the names that their rpms have.
const NARROW: [(&str, &str); 3] = [("s390x", "s390"), ("ppc64", "ppc"), ("x86_64", "i686")];

/// Adds the packages that a file of rules, which was uploaded, asks for.
///
/// # Errors
/// Packages that the narrow repository lacks, each named in a log; needs that it does not meet.
pub(super) fn add(
    run: &mut Run,
    rules: &str,
    (arch, repo): (&str, &Path),
    rpms: &mut Vec<Chosen>,
) -> Result<()> {
    let Some((_, narrow)) = NARROW.iter().find(|(wide, _)| *wide == arch) else {
        return Err(Error::generic(format!("no narrower arch is known that lends packages to {arch}")));
    };
    let file = run.uploaded(rules)?;
    let text = fs::read_to_string(&file).map_err(|error| Error::io(&file, error))?;
    let rules = Rules::parse(rules.rsplit('/').next().unwrap_or(rules), &text)?;
    let dir = repo.join(canonical(narrow));
    let known = known(&dir)?;
    let mut wanted = BTreeSet::new();
    for rpm in rpms.iter().filter(|rpm| rpm.subrepo.is_none()) {
        if selects(&rules, &rpm.file)? {
            wanted.insert(rpm.name.replace(arch, narrow));
        }
    }
    check(run, wanted.iter().filter(|name| !known.contains_key(*name)), &dir)?;
    let needed = if wanted.is_empty() { vec![] } else { resolve(run, narrow, &dir, &wanted)? };
    check(run, needed.iter().filter(|name| !known.contains_key(*name)), &dir)?;
    let present: BTreeSet<String> = rpms.iter().map(|rpm| rpm.name.clone()).collect();
    // packages without arch are in both
    for name in needed.into_iter().filter(|name| !present.contains(name)) {
        rpms.push(lent(&known[&name], &dir, name)?);
    }
    Ok(())
}

/// What the narrow repository has.
fn known(dir: &Path) -> Result<BTreeMap<String, Value>> {
    let path = dir.join("kojipkgs");
    let text = fs::read(&path).map_err(|error| Error::io(&path, error))?;
    let json: serde_json::Value = serde_json::from_slice(&text)?;
    let Value::Struct(members) = wire::to_value(&json)? else {
        return Err(Error::generic(format!("{} is no list of packages", path.display())));
    };
    Ok(members.into_iter().collect())
}

fn selects(rules: &Rules, file: &Path) -> Result<bool> {
    let rpm = RpmFile::open(file)?;
    let provides: Vec<String> = rpm.deps(DepKind::Provide).into_iter().map(|dep| dep.name).collect();
    let files = rpm.file_names();
    Ok(rules.select(&Package { name: &rpm.name, arch: &rpm.arch, provides: &provides, files: &files }))
}

/// Tells which packages are missing, and fails, if some are.
fn check<'a>(run: &mut Run, missing: impl Iterator<Item = &'a String>, dir: &Path) -> Result<()> {
    let lines: String = missing.map(|name| format!("{}\n", dir.join(place_of(name)).display())).collect();
    if lines.is_empty() {
        return Ok(());
    }
    let text = format!("The repository of the narrow arch lacks these packages:\n{lines}");
    dist_log::upload(run, "missing_multilib.log", &text)?;
    Err(Error::generic("multilib packages missing. See missing_multilib.log"))
}

/// The packages with all that they need of their repository, by the names of their files.
fn resolve(run: &mut Run, arch: &str, dir: &Path, wanted: &BTreeSet<String>) -> Result<Vec<String>> {
    let work = run.workdir().join("multilib");
    files::make_dir(&work)?;
    let names: Vec<&str> = wanted.iter().map(|name| name.trim_end_matches(".rpm")).collect();
    let order = json!({ "root": work.join("root"), "repo": dir, "arch": arch, "packages": names });
    let [program, told, output] = ["resolve.py", "order.json", "needed.json"].map(|name| work.join(name));
    write(&program, PROGRAM.as_bytes())?;
    write(&told, &serde_json::to_vec(&order)?)?;
    let path = run.workdir().join(LOG);
    let mut log = LogStream::new(&path, LOG);
    let args = [Path::new("-I"), &program, &told, &output].map(|arg| arg.to_string_lossy().into_owned());
    let env = [("PATH", "/usr/bin:/bin"), ("LANG", "C.UTF-8")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let timeout = run.settings.seconds("rpmbuild_timeout");
    let job = Job { program: PYTHON, args: &args, env: &env, user: None, dir: &work, log: &path, timeout };
    let status = command::run(job, &mut site(run), &mut log)?;
    if !status.success() {
        let text = fs::read_to_string(&path).unwrap_or_default();
        let why = match text.contains("No module named 'dnf'") {
            true => format!("{PYTHON} lacks dnf's module, install the package python3-dnf"),
            false => process::status_text("dnf", status),
        };
        return Err(Error::generic(format!("multilib packages could not be resolved: {why}; see {LOG}")));
    }
    let found = fs::read(&output).map_err(|error| Error::io(&output, error))?;
    Ok(serde_json::from_slice(&found)?)
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).map_err(|error| Error::io(path, error))
}

/// A package of the narrow repository in the wide one.
fn lent(told: &Value, dir: &Path, name: String) -> Result<Chosen> {
    let mut members = told.as_struct().unwrap_or_default().to_vec();
    let file: PathBuf = dir.join(place_of(&name));
    let file = file.canonicalize().map_err(|error| Error::io(&file, error))?;
    members.retain(|(key, _)| key != "_pkgpath" && key != "_multilib");
    members.extend(map! { "_pkgpath" => file.to_string_lossy().into_owned(), "_multilib" => true });
    let subrepo = told.get("_subrepo").and_then(Value::as_str).map(|_| "debug");
    Ok(Chosen { name, file, subrepo, told: Value::Struct(members) })
}
