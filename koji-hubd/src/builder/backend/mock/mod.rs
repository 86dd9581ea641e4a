//! [`Mock`]: buildroots that the program mock makes, from the configuration that Koji gives it.

mod config;
mod outcome;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use koji_core::client::Session;
use koji_core::wire::Value;
use koji_core::{Error, Fault, Result};

use super::command::{self, Job};
use super::installed::{self, Installed};
use super::{Backend, BuildJob, RootCommand, Site, SourceDir, SpecJob};
use crate::builder::buildroot::BuildRoot;
use crate::builder::files;
use crate::builder::log_stream::{self, Live, LogStream};
use crate::builder::process::{self, User};

pub use config::{config_dir, remove};
use outcome::{explain, explain_root};

/// The program.
pub const PROGRAM: &str = "mock";

/// What mock itself prints.
const OUTPUT_LOG: &str = "mock_output.log";

/// The group whose members may run mock.
const GROUP: &str = "mock";

/// Buildroots of mock.
#[derive(Default)]
pub struct Mock {
    /// The configuration file.
    config: PathBuf,
    /// mock's directory of the root.
    dir: PathBuf,
    root: PathBuf,
    /// A directory of the root that mock leaves alone: here, and as the root sees it.
    tmp: SourceDir,
    /// The user who runs mock, if this builder may choose.
    owner: Option<User>,
    /// Copies of the rpms that were made.
    results: PathBuf,
    logs: Vec<LogStream>,
}

impl Backend for Mock {
    fn init(&mut self, site: &mut Site<'_>, root: &BuildRoot) -> Result<()> {
        self.dir = PathBuf::from(site.settings.text("mockdir")).join(&root.name);
        self.root = self.dir.join("root");
        let inside = PathBuf::from(site.settings.text("chroot_tmpdir"));
        let outside = self.root.join(inside.strip_prefix("/").unwrap_or(&inside));
        self.tmp = SourceDir { outside, inside };
        self.owner = owner(site.settings.text("mockuser"))?;
        self.results = site.workdir.join("result");
        files::make_dir(&self.results)?;
        self.config = config::write(site.settings, root)?;
        let copy = site.workdir.join("mock_config.log");
        fs::copy(&self.config, &copy).map_err(|error| Error::io(&copy, error))?;
        log_stream::watch(&mut self.logs, &copy).sync(site.session, &site.upload_dir)?;
        let status = self.mock(site, root, &["--init"])?;
        if !status.success() {
            return Err(Error::new(
                Fault::Buildroot,
                format!("could not init mock buildroot, {}", explain(status)),
            ));
        }
        // the log tells which kernel the root runs on
        self.mock(site, root, &["--chroot", "uname -r"])?;
        Ok(())
    }

    fn install(&mut self, site: &mut Site<'_>, root: &BuildRoot, packages: &[String]) -> Result<()> {
        if packages.is_empty() {
            return Ok(());
        }
        let mut args = vec!["--install"];
        args.extend(packages.iter().map(String::as_str));
        let status = self.mock(site, root, &args)?;
        if status.success() {
            return Ok(());
        }
        Err(Error::new(Fault::Buildroot, format!("could not install packages, {}", explain_root(status))))
    }

    fn run(&mut self, site: &mut Site<'_>, root: &BuildRoot, command: RootCommand<'_>) -> Result<ExitStatus> {
        let mut args = vec!["--no-clean".to_owned()];
        if !command.as_root {
            args.push("--unpriv".into());
        }
        if let Some(dir) = command.dir {
            args.extend(["--cwd".into(), dir.to_string_lossy().into_owned()]);
        }
        args.extend(["--chroot".into(), "--".into()]);
        if !command.env.is_empty() {
            args.push("env".into());
            args.extend(command.env.iter().map(|(name, value)| format!("{name}={value}")));
        }
        args.extend(command.args.iter().cloned());
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        self.mock_into(site, root, (&args, command.log, command.timeout))
    }

    fn installed(&self, site: &mut Site<'_>) -> Result<Vec<Installed>> {
        installed::list_of_root(&self.root, &site.workdir)
    }

    fn rebuild_srpm(&mut self, site: &mut Site<'_>, root: &BuildRoot, srpm: &Path) -> Result<()> {
        let (outside, inside) =
            (self.tmp.outside.join("srpm_unpacked"), self.tmp.inside.join("srpm_unpacked"));
        files::make_dir(&outside)?;
        let name = srpm.file_name().unwrap_or_default();
        fs::copy(srpm, outside.join(name)).map_err(|error| Error::io(srpm, error))?;
        let top = format!("_topdir {}", inside.display());
        let source = inside.join(name);
        let args = ["--no-clean", "--target", "noarch", "--chroot", "--", "rpm", "--define", &top, "-iv"];
        let status = self.mock(site, root, &[&args[..], &[&source.to_string_lossy()]].concat())?;
        check("unpacking the source rpm", status)?;
        let spec = inside.join("SPECS").join(only(&outside.join("SPECS"), ".spec")?);
        let args = [
            "--no-clean",
            "--target",
            "noarch",
            "--chroot",
            "--",
            "rpmbuild",
            "--define",
            &top,
            "-bs",
            "--nodeps",
        ];
        let status = self.mock(site, root, &[&args[..], &[&spec.to_string_lossy()]].concat())?;
        check("building srpm", status)?;
        let made = outside.join("SRPMS");
        let name = only(&made, ".src.rpm")?;
        files::copy_plain(&made.join(&name), &self.results.join(&name))
    }

    fn source_dir(&self) -> SourceDir {
        let below = |dir: &Path| dir.join("scmroot");
        SourceDir { outside: below(&self.tmp.outside), inside: below(&self.tmp.inside) }
    }

    fn own_sources(&self) -> Result<()> {
        let dir = self.source_dir().outside;
        self.owner.as_ref().map_or(Ok(()), |owner| owner.own_tree(&dir))
    }

    fn build_srpm(&mut self, site: &mut Site<'_>, root: &BuildRoot, job: SpecJob<'_>) -> Result<()> {
        let [spec, sources] = [job.spec, job.sources].map(|path| self.seen_here(path));
        let args =
            ["--no-clean", "--buildsrpm", "--spec", &spec, "--sources", &sources, "--target", "noarch"];
        let status = self.mock(site, root, &args)?;
        check("building srpm", status)?;
        self.take_results()
    }

    fn build(&mut self, site: &mut Site<'_>, root: &BuildRoot, job: BuildJob<'_>) -> Result<()> {
        let srpm = job.srpm.to_string_lossy();
        let status = self.mock(site, root, &["--no-clean", "--target", job.arch, "--rebuild", &srpm])?;
        check(&format!("building package (arch {})", job.arch), status)?;
        self.take_results()
    }

    fn results(&self) -> &Path {
        &self.results
    }

    fn logs(&self) -> &[LogStream] {
        &self.logs
    }

    fn root_dir(&self) -> Option<&Path> {
        Some(&self.root)
    }

    fn clean(&mut self) -> Result<()> {
        config::remove(&self.config, &self.dir)?;
        files::remove_dir(&self.results)
    }
}

impl Mock {
    fn mock(&mut self, site: &mut Site<'_>, root: &BuildRoot, args: &[&str]) -> Result<ExitStatus> {
        self.mock_into(site, root, (args, OUTPUT_LOG, Duration::ZERO))
    }

    /// Runs mock as the user who may, and follows its logs.
    fn mock_into(
        &mut self,
        site: &mut Site<'_>,
        root: &BuildRoot,
        (args, log, timeout): (&[&str], &str, Duration),
    ) -> Result<ExitStatus> {
        let mut words = vec![PROGRAM.to_owned(), "-r".into(), self.config.to_string_lossy().into_owned()];
        words.extend(chroot_kind(root).map(str::to_owned));
        if root.extra("mock.bootstrap_image_ready").is_some_and(Value::is_true) {
            words.push("--bootstrap-image-ready".into());
        }
        words.extend(args.iter().map(|&arg| arg.to_owned()));
        let words = as_owner(words, self.owner.as_ref());
        let Some((program, args)) = words.split_first() else { return Err(Error::unforeseen("no program")) };
        let path = site.workdir.join(log);
        let env = environment();
        let job =
            Job { program, args, env: &env, user: None, dir: &site.workdir.clone(), log: &path, timeout };
        log_stream::watch(&mut self.logs, &path);
        let dirs = [self.dir.join("result"), self.root.join("var/log")];
        command::run(job, site, &mut Following { dirs: &dirs, logs: &mut self.logs })
    }

    /// Where a path of the root lies on this machine.
    fn seen_here(&self, path: &Path) -> String {
        let here = path.strip_prefix("/").map_or_else(|_| path.to_owned(), |below| self.root.join(below));
        here.to_string_lossy().into_owned()
    }

    /// Copies the rpms out of mock's directory.
    fn take_results(&self) -> Result<()> {
        let dir = self.dir.join("result");
        for name in files::names(&dir)?.iter().filter(|name| name.ends_with(".rpm")) {
            files::copy_plain(&dir.join(name), &self.results.join(name))?;
        }
        Ok(())
    }
}

/// The logs of mock, which come to be while it runs.
struct Following<'a> {
    dirs: &'a [PathBuf; 2],
    logs: &'a mut Vec<LogStream>,
}

impl Live for Following<'_> {
    fn streams(&mut self) -> &mut [LogStream] {
        self.logs
    }

    fn send(&mut self, session: &mut Session, dir: &str, most_bytes: u64) -> Result<()> {
        let [results, root_logs] = self.dirs;
        for (place, begin) in [(results, ""), (root_logs, "dnf")] {
            // neither is there from the beginning
            for name in files::names(place).unwrap_or_default() {
                if name.starts_with(begin) && name.ends_with(".log") {
                    log_stream::watch(self.logs, &place.join(&name));
                }
            }
        }
        self.logs.send(session, dir, most_bytes)
    }
}

/// The tag may say how mock makes namespaces.
fn chroot_kind(root: &BuildRoot) -> Option<&'static str> {
    root.extra("mock.new_chroot").map(|new| if new.is_true() { "--new-chroot" } else { "--old-chroot" })
}

/// The configured user, with the group that may run mock; none if this builder is not root and so runs it itself.
fn owner(user: &str) -> Result<Option<User>> {
    if !User::is_root() {
        return Ok(None);
    }
    let missing = |what: String| {
        Error::new(
            Fault::Buildroot,
            format!(
                "{what}: install mock, and make a user that is a member of its group; name it as mockuser"
            ),
        )
    };
    let owner = User::find(user).ok_or_else(|| missing(format!("there is no user {user} to run mock")))?;
    let gid = group().unwrap_or_else(|| {
        tracing::warn!("there is no group {GROUP}, whose members alone may run mock");
        owner.gid
    });
    Ok(Some(User { gid, ..owner }))
}

/// A command as that user.
fn as_owner(words: Vec<String>, owner: Option<&User>) -> Vec<String> {
    let Some(User { uid, gid, .. }) = owner else { return words };
    let mut command = vec!["setpriv".to_owned()];
    command.extend([
        format!("--reuid={uid}"),
        format!("--regid={gid}"),
        format!("--groups={gid}"),
        "--".into(),
    ]);
    command.extend(words);
    command
}

/// The number of the group that may run mock.
fn group() -> Option<u32> {
    let text = fs::read_to_string("/etc/group").unwrap_or_default();
    let line = text.lines().find(|line| line.split(':').next() == Some(GROUP))?;
    line.split(':').nth(2)?.parse().ok()
}

fn environment() -> Vec<(String, String)> {
    let kept = ["PATH", "HOME", "LANG"].into_iter();
    kept.filter_map(|name| Some((name.to_owned(), std::env::var(name).ok()?))).collect()
}

fn only(dir: &Path, end: &str) -> Result<String> {
    let names = files::names(dir).unwrap_or_default();
    let found: Vec<_> = names.into_iter().filter(|name| name.ends_with(end)).collect();
    match <[String; 1]>::try_from(found) {
        Ok([name]) => Ok(name),
        Err(found) => {
            Err(Error::build(format!("there must be one *{end} in {}, not {found:?}", dir.display())))
        }
    }
}

fn check(what: &str, status: ExitStatus) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    Err(Error::build(format!("error {what}, {}", explain(status))))
}

/// Whether this machine has mock.
pub fn is_there() -> bool {
    process::find_program(PROGRAM).is_some()
}
