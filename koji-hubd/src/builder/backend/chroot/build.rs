//! Building in a root: source rpms, what they require, rpmbuild.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use koji_core::rpm::RpmFile;
use koji_core::rpm::capability::Capability;
use koji_core::rpm::deps::DepKind;
use koji_core::{Error, Fault, Result};

use super::place::{HOME, give};
use super::{Chroot, logs};
use crate::builder::backend::{BuildJob, Site, SpecJob};
use crate::builder::buildroot::BuildRoot;
use crate::builder::{files, process};

/// How rpmbuild ends when what the package requires, as it found out itself, is not installed.
const MISSING: i32 = 11;

/// How often a package may find out that it requires still more.
const ROUNDS: usize = 10;

/// What rpm's source packages require of rpm itself if they find out at build time what else they require.
const DYNAMIC: &str = "rpmlib(DynamicBuildRequires)";

impl Chroot {
    /// Makes a source rpm anew.
    pub(super) fn make_source(&mut self, site: &mut Site<'_>, root: &BuildRoot, srpm: &Path) -> Result<()> {
        self.rebuilt_source(site, (root, "noarch"), srpm)?;
        self.take_results()
    }

    /// Makes a source rpm from a spec file and its sources.
    pub(super) fn make_source_of(
        &mut self,
        site: &mut Site<'_>,
        root: &BuildRoot,
        job: SpecJob<'_>,
    ) -> Result<()> {
        let sources = format!("_sourcedir {}", job.sources.display());
        let options = ["-bs", "--nodeps", "--define", &sources];
        let status = self.rpmbuild(site, (root, "noarch"), (&options, job.spec))?;
        check("building srpm", "rpmbuild", status)?;
        self.take_results()
    }

    /// Builds: makes the source rpm anew, since macros and arch decide what it requires, installs that, and
    /// builds from the same spec file.
    pub(super) fn make_packages(
        &mut self,
        site: &mut Site<'_>,
        root: &BuildRoot,
        job: BuildJob<'_>,
    ) -> Result<()> {
        let name = job.srpm.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let what = format!("building package (arch {})", job.arch);
        self.state(site, &format!("Start: build setup for {name}"))?;
        let target = (root, job.arch);
        let (spec, source) = self.rebuilt_source(site, target, job.srpm)?;
        let needed = requires(&source)?;
        self.install_needed(site, root, &needed)?;
        let mut options = vec!["-ba", "--nodeps"];
        if is_dynamic(&source)? && self.install_dynamic(site, target, &spec)? {
            options.push("--noprep");
        }
        self.refuse_conflicts(site, &source)?;
        self.state(site, &format!("Finish: build setup for {name}"))?;
        self.state(site, &format!("Start: rpmbuild {name}"))?;
        let status = self.rpmbuild(site, target, (&options, &spec))?;
        self.state(site, &format!("Finish: rpmbuild {name}"))?;
        check(&what, "rpmbuild", status)?;
        self.take_results()
    }

    /// Unpacks a source rpm and makes it anew; gives the spec file as the root has it, and the source rpm.
    fn rebuilt_source(
        &mut self,
        site: &mut Site<'_>,
        target: (&BuildRoot, &str),
        srpm: &Path,
    ) -> Result<(PathBuf, PathBuf)> {
        let name = srpm.file_name().unwrap_or_default();
        self.take_in(srpm, name)?;
        let inside = format!("{HOME}/build/originals/{}", name.to_string_lossy());
        let args = ["rpm", "-Uvh", "--nodeps", &inside].map(str::to_owned);
        let status = self.build_step(site, target.0, &args)?;
        check("unpacking the source rpm", "rpm", status)?;
        let spec = PathBuf::from(format!("{HOME}/build/SPECS")).join(self.only("SPECS", ".spec")?);
        let status = self.rpmbuild(site, target, (&["-bs", "--nodeps"], &spec))?;
        check("building srpm", "rpmbuild", status)?;
        let source = self.place.build_dir("SRPMS")?.join(self.only("SRPMS", ".src.rpm")?);
        Ok((spec, source))
    }

    /// Copies a source rpm to where the build can read it.
    fn take_in(&self, srpm: &Path, name: &OsStr) -> Result<()> {
        let path = self.place.build_dir("originals")?.join(name);
        let mut source = File::open(srpm).map_err(|error| Error::io(srpm, error))?;
        let mut copy = File::create_new(&path).map_err(|error| Error::io(&path, error))?;
        std::io::copy(&mut source, &mut copy).map_err(|error| Error::io(&path, error))?;
        self.account.as_ref().map_or(Ok(()), |account| give(&path, account))
    }

    /// The name of the only file of a kind in a directory of the build.
    fn only(&self, dir: &str, end: &str) -> Result<String> {
        let names = files::names(&self.place.build_dir(dir)?)?;
        let found: Vec<_> = names.into_iter().filter(|name| name.ends_with(end)).collect();
        match <[String; 1]>::try_from(found) {
            Ok([name]) => Ok(name),
            Err(found) if found.is_empty() => Err(Error::build(format!("there is no *{end} in {dir}"))),
            Err(found) => Err(Error::build(format!("there is more than one *{end} in {dir}: {found:?}"))),
        }
    }

    fn install_needed(&mut self, site: &mut Site<'_>, root: &BuildRoot, needed: &[String]) -> Result<()> {
        if needed.is_empty() {
            return Ok(());
        }
        self.dnf(site, root, needed).map_err(|error| {
            Error::build(format!("the build requirements: {}", error.message)).caused_by(error)
        })?;
        self.tell_installed(site)
    }

    /// Installs what the package itself finds out that it requires, which may take several rounds; true if
    /// its sources are unpacked thereby.
    fn install_dynamic(
        &mut self,
        site: &mut Site<'_>,
        target: (&BuildRoot, &str),
        spec: &Path,
    ) -> Result<bool> {
        let mut known = vec![];
        let mut options = vec!["-br"];
        for _ in 0..ROUNDS {
            let status = self.rpmbuild(site, target, (&options, spec))?;
            if status.success() {
                self.remove_nosrc()?;
                return Ok(true);
            }
            if status.code() != Some(MISSING) {
                check("generating build requirements", "rpmbuild", status)?;
            }
            let file = self.place.build_dir("SRPMS")?.join(self.only("SRPMS", ".buildreqs.nosrc.rpm")?);
            let needed = requires(&file)?;
            self.remove_nosrc()?;
            if needed == known {
                let text = format!("rpm does not see what is installed of: {}", needed.join(", "));
                return Err(Error::new(Fault::Buildroot, text));
            }
            self.install_needed(site, target.0, &needed)?;
            known = needed;
            options = vec!["-br", "--noprep"];
        }
        Err(Error::build(format!("the package required more after each of {ROUNDS} installations")))
    }

    fn remove_nosrc(&self) -> Result<()> {
        let dir = self.place.build_dir("SRPMS")?;
        for name in files::names(&dir)?.iter().filter(|name| name.ends_with(".nosrc.rpm")) {
            let path = dir.join(name);
            fs::remove_file(&path).map_err(|error| Error::io(&path, error))?;
        }
        Ok(())
    }

    fn rpmbuild(
        &mut self,
        site: &mut Site<'_>,
        (root, arch): (&BuildRoot, &str),
        (options, spec): (&[&str], &Path),
    ) -> Result<ExitStatus> {
        let mut args = vec!["rpmbuild".to_owned()];
        args.extend(options.iter().map(|&option| option.to_owned()));
        args.extend(["--target".to_owned(), arch.to_owned(), spec.to_string_lossy().into_owned()]);
        self.build_step(site, root, &args)
    }

    /// Runs a program of the build as a login shell would, so that what packages put into its profile holds.
    fn build_step(&mut self, site: &mut Site<'_>, root: &BuildRoot, args: &[String]) -> Result<ExitStatus> {
        let shell = ["/bin/bash", "--login", "-c", "exec \"$0\" \"$@\""].map(str::to_owned);
        let args = [&shell[..], args].concat();
        let entry = self.inside(root, &args);
        let log = site.workdir.join(logs::BUILD);
        let timeout = site.settings.seconds("rpmbuild_timeout");
        self.enter(site, &entry, (&log, timeout))
    }

    /// Copies the rpms away from the build's reach. All its processes have ended.
    fn take_results(&self) -> Result<()> {
        for dir in ["RPMS", "SRPMS"] {
            let dir = self.place.build_dir(dir)?;
            for name in files::names(&dir)?.iter().filter(|name| name.ends_with(".rpm")) {
                files::copy_plain(&dir.join(name), &self.place.results.join(name))?;
            }
        }
        Ok(())
    }
}

/// What a source rpm requires, as dnf takes it.
fn requires(srpm: &Path) -> Result<Vec<String>> {
    let mut needed: Vec<String> = open(srpm)?
        .deps(DepKind::Require)
        .iter()
        .filter(|dep| !dep.name.starts_with("rpmlib("))
        .map(|dep| Capability::from(dep).to_string())
        .collect();
    needed.sort();
    needed.dedup();
    Ok(needed)
}

fn is_dynamic(srpm: &Path) -> Result<bool> {
    Ok(open(srpm)?.deps(DepKind::Require).iter().any(|dep| dep.name == DYNAMIC))
}

/// Reads an rpm that the build made.
pub(super) fn open(path: &Path) -> Result<RpmFile> {
    RpmFile::open(path).map_err(|error| Error::build(error.message.clone()).caused_by(error))
}

fn check(what: &str, program: &str, status: ExitStatus) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    let ended = process::status_text(program, status);
    Err(Error::build(format!("error {what}, {ended}; see build.log for more information")))
}
