//! [`Host`]: builds on this very machine, as an unprivileged user in a private directory.
//!
//! It is for trying out: a build works with the machine's own tools, can read what every user can, and reach
//! the network. What a package needs beyond that is taken from the tag's repository and laid over the machine's
//! files, for this build alone: see [`Layer`].

mod held;
mod lay;
mod layer;
mod shelf;
mod unmet;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use koji_core::rpm::capability::Capability;
use koji_core::{Error, Fault, Result};

use super::command::{self, Job};
use super::installed::{self, Installed};
use super::{Backend, BuildJob, RootCommand, Site, SourceDir, SpecJob};
use crate::builder::buildroot::BuildRoot;
use crate::builder::config::Settings;
use crate::builder::files;
use crate::builder::log_stream::{self, Live, LogStream};
use crate::builder::process::{self, User};

use lay::written_since;
use layer::Layer;
use shelf::Shelf;
use unmet::Unmet;

/// Who builds when the configured user does not exist.
const NOBODY: &str = "nobody";

/// How often a package may find out that it requires still more.
const ROUNDS: usize = 10;

/// Builds on the host.
#[derive(Default)]
pub struct Host {
    /// The private directory of the build.
    build: PathBuf,
    /// Copies of the results, which the build can't reach.
    results: PathBuf,
    user: Option<User>,
    logs: Vec<LogStream>,
    /// Where a build finds the machine's rpm database.
    database: PathBuf,
    /// What is laid over the machine's files, if anything is.
    layer: Option<Layer>,
    /// What the tag's repository has, once it was looked at.
    shelf: Option<Shelf>,
}

impl Backend for Host {
    fn init(&mut self, site: &mut Site<'_>, root: &BuildRoot) -> Result<()> {
        self.user = build_user(site.settings)?;
        self.build = site.workdir.join("build");
        self.results = site.workdir.join("result");
        files::make_dir(&self.results)?;
        files::make_dir(&self.build)?;
        self.build = self.build.canonicalize().map_err(|error| Error::io(&self.build, error))?;
        for name in ["", "home", "tmp", "BUILD", "BUILDROOT", "RPMS", "SOURCES", "SPECS", "SRPMS", "in"] {
            let dir = self.build.join(name);
            fs::create_dir_all(&dir).map_err(|error| Error::io(&dir, error))?;
            self.hand_over(&dir, 0o700)?;
        }
        // asked before anything of the build may have run, as rpm obeys the macros of a home
        self.database = installed::database_path(&self.environment(root))?;
        let user = self.user.as_ref().map_or("the user of kojid", |user| user.name.as_str());
        tracing::warn!(user, "building on the host itself, without a chroot: for trying out only");
        self.note(
            site,
            &format!(
                "buildroot {} of the kind \"host\": this machine's own tools, no chroot\nuser: {user}\nkernel: {}",
                root.id,
                process::kernel_release()
            ),
        )?;
        self.lay_group(site, root)
    }

    fn install(&mut self, site: &mut Site<'_>, root: &BuildRoot, packages: &[String]) -> Result<()> {
        let held = self.held();
        let wanted: Vec<_> = packages.iter().map(|name| Capability::parse(name)).collect();
        let wanted: Vec<_> = wanted.into_iter().filter(|need| !held.has_installed(need)).collect();
        let missing = self.lay_over(site, root, &wanted)?;
        if missing.is_empty() {
            return Ok(());
        }
        Err(Error::new(
            Fault::Buildroot,
            format!("neither installed on this host nor in the tag's repository: {}", missing.join(", ")),
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
        start(self.layer.as_ref(), job, &self.build, (site, log_stream::watch(&mut self.logs, &path)))
    }

    fn installed(&self, site: &mut Site<'_>) -> Result<Vec<Installed>> {
        installed::list(&site.workdir, self.layer.as_ref().map(Layer::database))
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
        if let Some(layer) = self.layer.take() {
            layer.remove()?;
        }
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

    /// Runs rpmbuild; again with what it misses laid over the host, as long as the tag's repository has more of that.
    fn rpmbuild(&mut self, site: &mut Site<'_>, root: &BuildRoot, step: Step<'_>) -> Result<()> {
        let (mut known, mut options) = (vec![], step.options.to_vec());
        for _ in 0..ROUNDS {
            let step = Step { options: &options, ..step };
            let Some((ended, unmet)) = self.try_rpmbuild(site, root, step)? else {
                return self.take_results();
            };
            let failed = |unmet: &Unmet| Error::build(unmet.failure(step.what, &ended));
            if unmet.missing.is_empty() || !unmet.conflicts.is_empty() {
                return Err(failed(&unmet));
            }
            let missing = unmet.missing.iter().map(|text| Capability::parse(text));
            // rpm knows nothing of what others have installed
            let wanted: Vec<_> = missing.filter(|need| !held::has_file(need)).collect();
            if wanted.is_empty() {
                options.push("--nodeps");
                continue;
            }
            if wanted == known {
                let text =
                    format!("rpm does not see what was laid over this host of: {}", unmet.missing.join(", "));
                return Err(Error::new(Fault::Buildroot, text));
            }
            let missing = self.lay_over(site, root, &wanted)?;
            if !missing.is_empty() {
                return Err(failed(&Unmet { missing, ..unmet }));
            }
            known = wanted;
        }
        Err(Error::build(format!("the package required more after each of {ROUNDS} installations")))
    }

    /// Runs rpmbuild; tells how it ended and why, if it failed.
    fn try_rpmbuild(
        &mut self,
        site: &mut Site<'_>,
        root: &BuildRoot,
        step: Step<'_>,
    ) -> Result<Option<(String, Unmet)>> {
        let mut args: Vec<String> = step.options.iter().map(|&option| option.into()).collect();
        args.extend(["--target".into(), step.arch.into()]);
        for (name, value) in self.macros(site.settings, root).iter().chain(step.places) {
            args.extend(["--define".into(), format!("{name} {value}")]);
        }
        args.push(step.input.to_string_lossy().into_owned());
        let path = site.workdir.join("build.log");
        let before = fs::metadata(&path).map_or(0, |meta| meta.len());
        let job = Job {
            program: "rpmbuild",
            args: &args,
            env: &self.environment(root),
            user: self.user.as_ref(),
            dir: &self.build,
            log: &path,
            timeout: site.settings.seconds("rpmbuild_timeout"),
        };
        let log = log_stream::watch(&mut self.logs, &path);
        let status = start(self.layer.as_ref(), job, &self.build, (site, log))?;
        if status.success() {
            return Ok(None);
        }
        let text = written_since(&path, before);
        Ok(Some((process::status_text("rpmbuild", status), Unmet::read(&text))))
    }

    /// Copies the rpms away from the build's reach. All its processes have ended.
    fn take_results(&self) -> Result<()> {
        for dir in ["RPMS", "SRPMS"].map(|name| self.build.join(name)) {
            if !dir.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
                return Err(Error::build(format!("the build replaced {}", dir.display())));
            }
            // rpmbuild leaves one of these when a package finds out itself what it requires
            let is_result =
                |name: &&String| name.ends_with(".rpm") && !name.ends_with(".buildreqs.nosrc.rpm");
            for name in files::names(&dir)?.iter().filter(is_result) {
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

/// Runs a program of the build: on the host as it is, or with the layer over it.
fn start(
    layer: Option<&Layer>,
    job: Job<'_>,
    build: &Path,
    (site, logs): (&mut Site<'_>, &mut dyn Live),
) -> Result<ExitStatus> {
    match layer {
        None => command::run(job, site, logs),
        Some(layer) => {
            let entry = layer.entry(&job, build);
            command::run_entered(&entry, (job.log, job.timeout), &|_| Ok(()), (site, logs))
        }
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
