//! `buildSRPMFromSCM`: makes a source rpm from sources in version control.

use std::path::{Path, PathBuf};

use koji_core::api::cast::KeyText;
use koji_core::api::channel::GetChannel;
use koji_core::api::policy::EvalPolicy;
use koji_core::client::{Session, field};
use koji_core::db::Lookup;
use koji_core::wire::{Map, Value};
use koji_core::{Error, Result};

use super::build_arch::{fits, init, site};
use super::rebuild_srpm::{hand_in, make_root};
use super::run::{Run, need_int, need_text};
use super::{Failure, Params, Signature, TaskHandler};
use crate::builder::backend::{self, Backend, RootCommand, SpecJob};
use crate::builder::buildroot::{BuildRoot, RootOptions, State};
use crate::builder::scm::{Checked, Checkout, ScmUrl, Terms, lookaside, spec};
use crate::builder::{files, process};

/// Where the source command writes.
const SOURCES_LOG: &str = "sources.log";

/// Where the buildroot sees `scm_credentials_dir`.
const CREDENTIALS: &str = "/credentials";

/// Makes a source rpm from version control.
pub(super) struct BuildSrpmFromScm;

impl TaskHandler for BuildSrpmFromScm {
    fn method(&self) -> &'static str {
        "buildSRPMFromSCM"
    }

    fn signature(&self) -> Signature {
        Signature { names: &["url", "build_tag", "opts"], required: 2 }
    }

    fn check_host(&self, hub: &mut Session, params: &Params, host: &Value) -> Result<bool> {
        fits(hub, params.read("build_tag")?, host)
    }

    fn run(&self, run: &mut Run, params: &Params) -> Result<Value, Failure> {
        let allow_password = run.settings.config().flag("allow_password_in_scm_url");
        let url = ScmUrl::parse(params.text("url")?, allow_password)?;
        let terms = terms(run, params, &url)?;
        let root = make_root(run, params, options(run))?;
        let made = make(run, &root, (&url, &terms));
        let expired = root.set_state(run, State::Expired);
        let (mut backend, source) = made?;
        expired?;
        let result = hand_in(run, &*backend, &root, source)?;
        backend.clean()?;
        Ok(result)
    }
}

/// The source command may need the network, and what it logs in with.
fn options(run: &Run) -> RootOptions {
    let credentials = run.settings.config().find_text("scm_credentials_dir").map(PathBuf::from);
    let binds = credentials.filter(|dir| dir.is_dir()).map(|dir| (dir, PathBuf::from(CREDENTIALS)));
    RootOptions { network: true, binds: binds.into_iter().collect(), ..RootOptions::source() }
}

/// Whether and how the sources may be built from.
pub(super) fn terms(run: &mut Run, params: &Params, url: &ScmUrl) -> Result<Terms> {
    let mut terms = Terms::default();
    if run.settings.config().flag("allowed_scms_use_config") {
        terms = terms.by_config(run.settings.text("allowed_scms"), url)?;
    }
    if run.settings.config().flag("allowed_scms_use_policy") {
        let channel = Lookup::from(need_int(&run.info, "channel_id")?);
        let channel = run.ask(GetChannel { strict: true, ..GetChannel::new(channel) })?;
        let mut data = url.policy_data();
        data.extend(map! {
            "user_id" => field(&run.info, "owner").clone(),
            "channel" => need_text(&channel, "name")?,
            "scratch" => params.opt("scratch").clone(),
        });
        let action = run.call(EvalPolicy::new(KeyText("build_from_scm".into()), data))?;
        terms = terms.by_policy(&action.unwrap_or_default(), url)?;
    }
    Ok(terms)
}

/// Checks out and makes the source rpm; also what the build is to remember of its source.
fn make(run: &mut Run, root: &BuildRoot, (url, terms): (&ScmUrl, &Terms)) -> Result<(Box<dyn Backend>, Map)> {
    let mut backend = backend::from_settings(&run.settings)?;
    init(run, &mut *backend, root)?;
    let place = backend.source_dir();
    files::make_dir(&place.outside)?;
    let checkout = Checkout { url, terms, dir: &place.outside };
    let Checked { dir: sources, source } = checkout.run(&mut site(run))?;
    let layout = run.settings.config().flag("support_rpm_source_layout");
    let spec = find_spec(&sources, layout)?;
    let own = sources.join(spec::SOURCES);
    if terms.by_lookaside() {
        lookaside::fetch(&mut site(run), url, &sources)?;
    }
    backend.own_sources()?;
    root.set_state(run, State::Building)?;
    if let Some(command) = terms.source_cmd.as_deref().filter(|_| !terms.by_lookaside()) {
        fetch_sources(run, &mut *backend, root, (command, &place.seen(&sources)))?;
    }
    let job = SpecJob {
        spec: &place.seen(&sources.join(spec)),
        sources: &place.seen(if layout && own.is_dir() { &own } else { &sources }),
    };
    backend.build_srpm(&mut site(run), root, job)?;
    Ok((backend, source))
}

/// Runs the command that fetches what is not in version control, as the user who builds.
fn fetch_sources(
    run: &mut Run,
    backend: &mut dyn Backend,
    root: &BuildRoot,
    (command, dir): (&[String], &Path),
) -> Result<()> {
    let timeout = run.settings.seconds("scm_timeout");
    let command =
        RootCommand { args: command, as_root: false, dir: Some(dir), env: &[], log: SOURCES_LOG, timeout };
    let program = command.args.first().map_or("", String::as_str);
    let status = backend.run(&mut site(run), root, command)?;
    if status.success() {
        return Ok(());
    }
    let ended = process::status_text(program, status);
    Err(Error::build(format!("error retrieving sources, {ended}; see {SOURCES_LOG} for more information")))
}

/// The spec file to build, by its path below the sources.
fn find_spec(sources: &Path, layout: bool) -> Result<String> {
    let specs = |names: Vec<String>| {
        names.into_iter().filter(|name| name.ends_with(".spec") && !name.starts_with('.'))
    };
    let mut found: Vec<String> = specs(files::names(sources)?).collect();
    let below = sources.join(spec::SPECS);
    if found.is_empty() && layout && below.is_dir() {
        found = specs(files::names(&below)?).map(|name| format!("{}/{name}", spec::SPECS)).collect();
    }
    let checkout = sources.file_name().unwrap_or_default().to_string_lossy();
    let chosen = spec::choose(&found, &checkout)?.to_owned();
    let path = sources.join(&chosen);
    if !path.symlink_metadata().is_ok_and(|meta| meta.is_file()) {
        return Err(Error::build(format!("{chosen} is not a plain file")));
    }
    let text = std::fs::read(&path).map_err(|error| Error::io(&path, error))?;
    spec::check(&String::from_utf8_lossy(&text))?;
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spec_file_may_lie_in_rpms_own_layout() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str| std::fs::write(dir.path().join(name), "Name: a\n").unwrap();
        std::fs::create_dir(dir.path().join("SPECS")).unwrap();
        write("SPECS/a.spec");
        assert_eq!(find_spec(dir.path(), true).unwrap(), "SPECS/a.spec");
        assert_eq!(find_spec(dir.path(), false).unwrap_err().message, "No spec file found");
        write("b.spec");
        assert_eq!(find_spec(dir.path(), true).unwrap(), "b.spec");
        std::os::unix::fs::symlink("/etc/passwd", dir.path().join("c.spec")).unwrap();
        std::fs::remove_file(dir.path().join("b.spec")).unwrap();
        assert!(find_spec(dir.path(), true).unwrap_err().message.contains("not a plain file"));
    }
}
