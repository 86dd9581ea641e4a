//! [`Host`]: builds on this very machine, as an unprivileged user in a private directory.
//!
//! It is for trying out: it installs nothing, so what a package needs to be built must be there already, and
//! a build can read what every user can, and reach the network.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use koji_core::{Error, Fault, Result};

use super::command::{self, Job};
use super::installed::{self, Installed};
use super::{Backend, BuildJob, RootCommand, Site, SourceDir, SpecJob};
use crate::builder::buildroot::BuildRoot;
use crate::builder::config::Settings;
use crate::builder::files;
use crate::builder::log_stream::{self, Live as _, LogStream};
use crate::builder::process::{self, User};

/// Who builds when the configured user does not exist.
const NOBODY: &str = "nobody";

/// Builds on the host.
#[derive(Default)]
pub struct Host {
    /// The private directory of the build.
    build: PathBuf,
    /// Copies of the results, which the build can't reach.
    results: PathBuf,
    user: Option<User>,
    logs: Vec<LogStream>,
}

impl Backend for Host {
    fn init(&mut self, site: &mut Site<'_>, root: &BuildRoot) -> Result<()> {
        self.user = build_user(site.settings)?;
        self.build = site.workdir.join("build");
        self.results = site.workdir.join("result");
        files::make_dir(&self.results)?;
        files::make_dir(&self.build)?;
        for name in ["", "home", "tmp", "BUILD", "BUILDROOT", "RPMS", "SOURCES", "SPECS", "SRPMS", "in"] {
            let dir = self.build.join(name);
            fs::create_dir_all(&dir).map_err(|error| Error::io(&dir, error))?;
            self.hand_over(&dir, 0o700)?;
        }
        let user = self.user.as_ref().map_or("the user of kojid", |user| user.name.as_str());
        tracing::warn!(user, "building on the host itself, without a chroot: for trying out only");
        let text = format!(
            "buildroot {} of the kind \"host\": no chroot, nothing is installed\nuser: {user}\nkernel: {}\n",
            root.id,
            process::kernel_release()
        );
        let path = site.workdir.join("root.log");
        fs::write(&path, text).map_err(|error| Error::io(&path, error))?;
        let mut log = LogStream::new(&path, "root.log");
        log.sync(site.session, &site.upload_dir)?;
        self.logs.push(log);
        Ok(())
    }

    fn install(&mut self, _site: &mut Site<'_>, _root: &BuildRoot, packages: &[String]) -> Result<()> {
        let provides = |package: &&String| {
            let mut query = Command::new("rpm");
            query.args(["-q", "--whatprovides", "--"]).arg(package);
            query.output().is_ok_and(|output| output.status.success())
        };
        let missing: Vec<_> = packages.iter().filter(|package| !provides(package)).cloned().collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(Error::new(
            Fault::Buildroot,
            format!(
                "not installed on this host, where nothing is installed for a task: {}; install it by hand, or \
                 set buildroot = chroot or mock",
                missing.join(", ")
            ),
        ))
    }

    fn run(&mut self, site: &mut Site<'_>, root: &BuildRoot, command: RootCommand<'_>) -> Result<ExitStatus> {
        let Some((program, args)) = command.args.split_first() else {
            return Err(Error::parameter("no command to run"));
        };
        if command.as_root && self.user.is_some() {
            tracing::warn!(program, "nothing runs on the host as root, so this runs as the user who builds");
        }
        let mut env = self.environment(root);
        env.extend(command.env.iter().cloned());
        let path = site.workdir.join(command.log);
        let job = Job {
            program,
            args,
            env: &env,
            user: self.user.as_ref(),
            dir: command.dir.unwrap_or(&self.build),
            log: &path,
            timeout: command.timeout,
        };
        command::run(job, site, log_stream::watch(&mut self.logs, &path))
    }

    fn installed(&self, site: &mut Site<'_>) -> Result<Vec<Installed>> {
        installed::list(&site.workdir)
    }

    fn rebuild_srpm(&mut self, site: &mut Site<'_>, root: &BuildRoot, srpm: &Path) -> Result<()> {
        let input = &self.take_in(srpm)?;
        self.rpmbuild(site, root, Step::srpm(&["-rs", "--nodeps"], input))
    }

    fn source_dir(&self) -> SourceDir {
        let dir = self.build.join("scm");
        SourceDir { inside: dir.clone(), outside: dir }
    }

    fn own_sources(&self) -> Result<()> {
        let dir = self.source_dir().outside;
        self.user.as_ref().map_or(Ok(()), |user| user.own_tree(&dir))
    }

    fn build_srpm(&mut self, site: &mut Site<'_>, root: &BuildRoot, job: SpecJob<'_>) -> Result<()> {
        let dir = |name: &str, path: &Path| (name.to_owned(), path.to_string_lossy().into_owned());
        let places = [dir("_sourcedir", job.sources)];
        let step = Step { places: &places, ..Step::srpm(&["-bs", "--nodeps"], job.spec) };
        self.rpmbuild(site, root, step)
    }

    fn build(&mut self, site: &mut Site<'_>, root: &BuildRoot, job: BuildJob<'_>) -> Result<()> {
        let what = format!("building package (arch {})", job.arch);
        let input = &self.take_in(job.srpm)?;
        let step = Step { options: &["-ra"], arch: job.arch, input, what: &what, places: &[] };
        self.rpmbuild(site, root, step)
    }

    fn results(&self) -> &Path {
        &self.results
    }

    fn logs(&self) -> &[LogStream] {
        &self.logs
    }

    fn root_dir(&self) -> Option<&Path> {
        None
    }

    fn clean(&mut self) -> Result<()> {
        files::remove_dir(&self.build)?;
        files::remove_dir(&self.results)
    }
}

/// One run of rpmbuild.
#[derive(Clone, Copy)]
struct Step<'a> {
    options: &'a [&'a str],
    arch: &'a str,
    /// The source rpm or the spec file.
    input: &'a Path,
    what: &'a str,
    /// Macros that say where the sources are.
    places: &'a [(String, String)],
}

impl<'a> Step<'a> {
    /// Makes a source rpm, which needs nothing installed.
    fn srpm(options: &'a [&'a str], input: &'a Path) -> Self {
        Self { options, arch: "noarch", input, what: "building srpm", places: &[] }
    }
}

impl Host {
    /// Copies a source rpm to where the build can read it.
    fn take_in(&self, srpm: &Path) -> Result<PathBuf> {
        let copy = self.build.join("in").join(srpm.file_name().unwrap_or_default());
        fs::copy(srpm, &copy).map_err(|error| Error::io(srpm, error))?;
        self.hand_over(&copy, 0o600)?;
        Ok(copy)
    }

    fn rpmbuild(&mut self, site: &mut Site<'_>, root: &BuildRoot, step: Step<'_>) -> Result<()> {
        let mut args: Vec<String> = step.options.iter().map(|&option| option.into()).collect();
        args.extend(["--target".into(), step.arch.into()]);
        for (name, value) in self.macros(site.settings, root).iter().chain(step.places) {
            args.extend(["--define".into(), format!("{name} {value}")]);
        }
        args.push(step.input.to_string_lossy().into_owned());
        let path = site.workdir.join("build.log");
        let job = Job {
            program: "rpmbuild",
            args: &args,
            env: &self.environment(root),
            user: self.user.as_ref(),
            dir: &self.build,
            log: &path,
            timeout: site.settings.seconds("rpmbuild_timeout"),
        };
        let status = command::run(job, site, log_stream::watch(&mut self.logs, &path))?;
        if !status.success() {
            let bytes = fs::read(&path).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes);
            let ended = process::status_text("rpmbuild", status);
            return Err(Error::build(failure(step.what, &ended, &Unmet::read(&text))));
        }
        self.take_results()
    }

    /// Copies the rpms away from the build's reach. All its processes have ended.
    fn take_results(&self) -> Result<()> {
        for dir in ["RPMS", "SRPMS"].map(|name| self.build.join(name)) {
            if !dir.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
                return Err(Error::build(format!("the build replaced {}", dir.display())));
            }
            for name in files::names(&dir)?.iter().filter(|name| name.ends_with(".rpm")) {
                files::copy_plain(&dir.join(name), &self.results.join(name))?;
            }
        }
        Ok(())
    }

    fn macros(&self, settings: &Settings, root: &BuildRoot) -> Vec<(String, String)> {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut macros = vec![pair("_rpmfilename", "%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm")];
        macros.extend(["vendor", "packager", "distribution"].map(|name| pair(name, settings.text(name))));
        // the tag's macros stand above those, and below the ones that say where things are
        macros.extend(root.macros.iter().cloned());
        macros.extend([
            pair("_topdir", &self.build.to_string_lossy()),
            pair("_tmppath", &self.build.join("tmp").to_string_lossy()),
            pair("_host_cpu", &root.target_arch),
            pair("_host", &format!("{}-{}", root.target_arch, settings.text("mockhost"))),
        ]);
        macros
    }

    fn environment(&self, root: &BuildRoot) -> Vec<(String, String)> {
        let dir = |name: &str| self.build.join(name).to_string_lossy().into_owned();
        let user = self.user.as_ref().map_or("builder", |user| user.name.as_str());
        let mut env: Vec<(String, String)> = [
            ("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin".to_owned()),
            ("HOME", dir("home")),
            ("TMPDIR", dir("tmp")),
            ("LANG", "C.UTF-8".to_owned()),
            ("SHELL", "/bin/bash".to_owned()),
            ("LOGNAME", user.to_owned()),
            ("USER", user.to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        env.extend(root.env.iter().cloned());
        env
    }

    fn hand_over(&self, path: &Path, mode: u32) -> Result<()> {
        fs::set_permissions(path, fs::Permissions::from_mode(mode))
            .map_err(|error| Error::io(path, error))?;
        self.user.as_ref().map_or(Ok(()), |user| user.own(path))
    }
}

/// The user to build as: none when kojid is not root and so can't choose.
pub(in crate::builder) fn build_user(settings: &Settings) -> Result<Option<User>> {
    if !User::is_root() {
        return Ok(None);
    }
    let wanted = settings.text("mockuser");
    let user = User::find(wanted).or_else(|| {
        tracing::warn!(wanted, "there is no such user, building as {NOBODY}");
        User::find(NOBODY)
    });
    match user {
        Some(user) if user.uid != 0 => Ok(Some(user)),
        _ => Err(Error::new(
            Fault::Buildroot,
            format!("there is no user to build as: make the user {wanted}, or name another as mockuser"),
        )),
    }
}

/// What rpmbuild says is not right with what is installed here.
#[derive(Debug, Default, PartialEq, Eq)]
struct Unmet<'a> {
    /// What must be there
    missing: Vec<&'a str>,
    /// What must not be there
    conflicts: Vec<&'a str>,
}

impl<'a> Unmet<'a> {
    /// Reads the list at the end of a log. Other programs of the build may have written similar lines before.
    fn read(log: &'a str) -> Self {
        let Some((_, list)) = log.rsplit_once("error: Failed build dependencies:\n") else {
            return Self::default();
        };
        let of = |what: &str| -> Vec<&'a str> {
            let lines = list.lines().take_while(|line| line.starts_with('\t'));
            lines.filter_map(|line| line.split_once(what)).map(|(name, _)| name.trim()).collect()
        };
        Self { missing: of(" is needed by "), conflicts: of(" conflicts with ") }
    }
}

fn failure(what: &str, ended: &str, unmet: &Unmet<'_>) -> String {
    let mut text = format!("error {what}, {ended}");
    let Unmet { missing, conflicts } = unmet;
    if !missing.is_empty() {
        text.push_str(&format!("; not installed on this host: {}", missing.join(", ")));
    }
    if !conflicts.is_empty() {
        text.push_str(&format!(
            "; installed on this host, but the package conflicts with it: {}",
            conflicts.join(", ")
        ));
    }
    if *unmet != Unmet::default() {
        text.push_str(
            "; the kind \"host\" of buildroot installs and removes nothing: do so by hand, or set buildroot = chroot or mock",
        );
    }
    text + "; see build.log for more information"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rpmbuild_wants_otherwise_is_named() {
        let log = "bread is needed by the log itself\nerror: Failed build dependencies:\n\tcmake >= 3.20 is needed by foo-1-1.x86_64\n\
                   \tpkgconfig(x) is needed by foo-1-1.x86_64\n\told < 2 conflicts with foo-1-1.x86_64\nother\n";
        let unmet = Unmet::read(log);
        assert_eq!(
            unmet,
            Unmet { missing: vec!["cmake >= 3.20", "pkgconfig(x)"], conflicts: vec!["old < 2"] }
        );
        let text = failure("building package (arch x86_64)", "rpmbuild exited with status 11", &unmet);
        assert!(text.contains("not installed on this host: cmake >= 3.20, pkgconfig(x);"), "{text}");
        assert!(
            text.contains("conflicts with it: old < 2;") && text.contains("buildroot = chroot"),
            "{text}"
        );
        let text = failure("building srpm", "rpmbuild exited with status 1", &Unmet::read("error: other\n"));
        assert_eq!(
            text,
            "error building srpm, rpmbuild exited with status 1; see build.log for more information"
        );
    }
}
