//! [`Checkout`]: running the commands that check sources out, with their output in `checkout.log`.
//!
//! What goes over the network is tried again now and then, and ended when it takes too long. A password goes
//! to git by its environment, so that neither the log nor the list of processes has it.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process;
use std::time::Duration;

use koji_core::client::Secret;
use koji_core::wire::Map;
use koji_core::{Error, Result};
use percent_encoding::percent_decode_str;

use super::plan::{Command, Plan};
use super::terms::Terms;
use super::url::{Kind, ScmUrl};
use crate::builder::backend::Site;
use crate::builder::backend::command::{self, Job};
use crate::builder::files;
use crate::builder::log_stream::LogStream;

const LOG: &str = "checkout.log";

/// The variable that the password is in, and how git asks for it.
const PASSWORD: &str = "KOJI_SCM_PASSWORD";
const HELPER: &str = "!echo_password() { printf 'password=%s\\n' \"$KOJI_SCM_PASSWORD\"; }; echo_password";

/// What is to be checked out.
#[derive(Clone, Copy, Debug)]
pub struct Checkout<'a> {
    /// Which sources
    pub url: &'a ScmUrl,
    /// Whether with the directory `common`
    pub terms: &'a Terms,
    /// Below which directory
    pub dir: &'a Path,
}

/// What was checked out.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The directory of the sources
    pub dir: PathBuf,
    /// What the build is to remember of its source
    pub source: Map,
}

impl Checkout<'_> {
    /// Checks the sources out.
    ///
    /// # Errors
    /// When a command fails, or the sources turn out to be elsewhere on this host.
    pub fn run(self, site: &mut Site<'_>) -> Result<Checked> {
        let plan = Plan::new(self.url, self.dir)?;
        let path = site.workdir.join(LOG);
        let mut stream = LogStream::new(&path, LOG);
        let mut shell =
            Shell { checkout: self, env: environment(&plan, self.url), log: &path, stream: &mut stream };
        shell.patiently(site, &plan.module, Some(&plan.update_dir).filter(|dir| *dir != self.dir))?;
        let updated = plan.update.iter().try_for_each(|step| shell.run(site, step, &plan.update_dir));
        match &plan.recovery {
            Some(recovery) if updated.is_err() => shell.run(site, recovery, &plan.update_dir)?,
            _ => updated?,
        }
        if self.terms.use_common {
            shell.patiently(site, &plan.common, None)?;
        }
        let dir = self.inside(&plan.source_dir)?;
        if self.terms.use_common {
            link_common(self.dir, &dir)?;
        }
        Ok(Checked { source: self.source(&dir)?, dir })
    }

    /// The directory without links on the way to it: a link in a repository could lead out of it.
    fn inside(&self, dir: &Path) -> Result<PathBuf> {
        let at = |error| Error::build(format!("no directory {:?} in the sources: {error}", self.url.module));
        let (top, found) = (self.dir.canonicalize().map_err(at)?, dir.canonicalize().map_err(at)?);
        match found.strip_prefix(&top) {
            Ok(below) if found.is_dir() => Ok(self.dir.join(below)),
            _ => Err(Error::build(format!("{:?} is no directory of the sources", self.url.module))),
        }
    }

    /// Git tells the commit; of others the address is all that is known.
    fn source(&self, dir: &Path) -> Result<Map> {
        let url = self.url;
        let source = match url.kind {
            Kind::Git | Kind::GitSsh => {
                let asked =
                    process::Command::new("git").args(["rev-parse", "HEAD"]).current_dir(dir).output()?;
                if !asked.status.success() {
                    return Err(Error::generic("Error getting commit hash for git"));
                }
                url.at_commit(String::from_utf8_lossy(&asked.stdout).trim())
            }
            _ => url.url.clone(),
        };
        Ok(map! { "url" => url.url.clone(), "source" => source })
    }
}

/// What the commands of a checkout have in common.
struct Shell<'a> {
    checkout: Checkout<'a>,
    env: Vec<(String, String)>,
    log: &'a Path,
    stream: &'a mut LogStream,
}

impl Shell<'_> {
    /// Runs a command again if it fails; what it has made is removed in between.
    fn patiently(&mut self, site: &mut Site<'_>, command: &Command, made: Option<&PathBuf>) -> Result<()> {
        let pause = site.settings.seconds("scm_retry_interval");
        let mut left = site.settings.config().int("scm_retries");
        let mut longer = 1;
        loop {
            match self.run(site, command, self.checkout.dir) {
                Err(error) if left > 0 => tracing::warn!(%error, left, "trying the checkout again"),
                done => return done,
            }
            left -= 1;
            std::thread::sleep(pause * longer);
            longer *= 2;
            made.map_or(Ok(()), |made| files::remove_dir(made))?;
        }
    }

    fn run(&mut self, site: &mut Site<'_>, command: &Command, dir: &Path) -> Result<()> {
        let Some((program, args)) = command.split_first() else { return Ok(()) };
        let timeout: Duration = site.settings.seconds("scm_timeout");
        let job = Job { program, args, env: &self.env, user: None, dir, log: self.log, timeout };
        if command::run(job, site, self.stream)?.success() {
            return Ok(());
        }
        let kind = self.checkout.url.kind.name();
        let line = command.join(" ");
        Err(Error::build(format!("Error running {kind} command \"{line}\", see {LOG} for details")))
    }
}

/// The builder's own environment, for keys and proxies, in which nothing asks questions.
fn environment(plan: &Plan, url: &ScmUrl) -> Vec<(String, String)> {
    let own = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let mut env: Vec<(String, String)> = own.collect();
    let mut set = |name: &str, value: &str| env.push((name.to_owned(), value.to_owned()));
    set("GIT_TERMINAL_PROMPT", "0");
    set("SSH_ASKPASS_REQUIRE", "never");
    plan.env.iter().for_each(|(name, value)| set(name, value));
    if let Some(password) = url.password.as_ref().map(Secret::expose) {
        set(PASSWORD, &percent_decode_str(password).decode_utf8_lossy());
        set("GIT_CONFIG_COUNT", "1");
        set("GIT_CONFIG_KEY_0", "credential.helper");
        set("GIT_CONFIG_VALUE_0", HELPER);
    }
    env
}

/// Makefiles look for `common` beside the sources, which may lie deeper.
fn link_common(top: &Path, sources: &Path) -> Result<()> {
    // the top itself has nothing beside it
    let Some(Ok(below)) = sources.parent().map(|beside| beside.strip_prefix(top)) else { return Ok(()) };
    let link = top.join(below).join("common");
    if link.exists() {
        return Ok(());
    }
    let depth = below.components().count();
    let target = format!("{}common", "../".repeat(depth));
    symlink(target, &link).map_err(|error| Error::io(&link, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_is_found_beside_sources_that_lie_deeper() {
        let dir = tempfile::tempdir().unwrap();
        let deep = dir.path().join("foo/a/b");
        std::fs::create_dir_all(&deep).unwrap();
        std::fs::create_dir(dir.path().join("common")).unwrap();
        std::fs::write(dir.path().join("common/Makefile"), "x").unwrap();
        link_common(dir.path(), &deep).unwrap();
        assert_eq!(std::fs::read_to_string(deep.join("../common/Makefile")).unwrap(), "x");
        link_common(dir.path(), &deep).unwrap();
    }

    #[test]
    fn a_password_reaches_git_by_its_environment() {
        let url = ScmUrl::parse("git+https://bob:p%40ss@h/r#x", true).unwrap();
        let plan = Plan::new(&url, Path::new("/scm")).unwrap();
        assert!(!format!("{plan:?}").contains("p%40ss"));
        let env = environment(&plan, &url);
        assert!(env.contains(&(PASSWORD.to_owned(), "p@ss".to_owned())));
        let shell = process::Command::new("sh")
            .args(["-c", HELPER.strip_prefix('!').unwrap()])
            .env(PASSWORD, "p@ss")
            .output()
            .unwrap();
        assert_eq!(shell.stdout, b"password=p@ss\n");
    }
}
