//! `runroot`: runs a command as the superuser of a new buildroot.

use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

use koji_core::api::cast::IntLike;
use koji_core::api::host_call::{HostGetHost, HostSetTaskWeight};
use koji_core::api::repo::RepoInfo;
use koji_core::arch::{NOARCH, canonical};
use koji_core::client::{Upload, field};
use koji_core::db::Lookup;
use koji_core::wire::Value;
use koji_core::{Error, Fault, Result};

use super::build_arch::{init, site, tell_more};
use super::repo::{self, texts};
use super::run::{Run, need_text};
use super::runroot_mounts::Mounts;
use super::{Failure, Params, Signature, TaskHandler};
use crate::builder::backend::{self, Backend, RootCommand};
use crate::builder::buildroot::{BuildRoot, RootOptions, State};
use crate::builder::{files, process};

/// Where the command's output goes.
const LOG: &str = "runroot.log";

/// The least weight that the caller may give.
const LEAST: f64 = 0.5;

/// The states of a repository that a command may name: READY and EXPIRED.
const USABLE: [i64; 2] = [1, 2];

/// Runs a command.
pub(super) struct RunRoot;

impl TaskHandler for RunRoot {
    fn method(&self) -> &'static str {
        "runroot"
    }

    fn signature(&self) -> Signature {
        let names = &[
            "root",
            "arch",
            "command",
            "keep",
            "packages",
            "mounts",
            "repo_id",
            "skip_setarch",
            "weight",
            "upload_logs",
            "new_chroot",
        ];
        Signature { names, required: 3 }
    }

    fn weight(&self) -> f64 {
        2.0
    }

    fn run(&self, run: &mut Run, params: &Params) -> Result<Value, Failure> {
        if let Some(weight) = params.get("weight").as_f64() {
            run.call(HostSetTaskWeight::new(run.id, weight.max(LEAST)))?;
        }
        for name in ["skip_setarch", "new_chroot"] {
            if params.get(name).is_true() {
                tracing::warn!(name, "an option of mock has no effect here");
            }
        }
        let (line, name) = command(params.get("command"))?;
        let options = RootOptions { network: true, binds: binds(run, params)?, ..RootOptions::default() };
        let repo = repo(run, params)?;
        let config = run.build_config(params.read::<Lookup>("root")?, None)?;
        let arch = arch(run, params.text("arch")?, &config)?;
        let root = BuildRoot::with_options(run, (&config, &arch, &repo), options)?;
        let ended = in_root(run, &root, params, &line);
        let expired = root.set_state(run, State::Expired);
        let status = ended?;
        expired?;
        if status.success() {
            return Ok(format!("{name} completed successfully").into());
        }
        let text = format!("{}; see {LOG} for more information", process::status_text(&name, status));
        Err(Error::new(Fault::Buildroot, text).into())
    }
}

fn in_root(run: &mut Run, root: &BuildRoot, params: &Params, line: &str) -> Result<ExitStatus> {
    let mut backend = backend::from_settings(&run.settings)?;
    init(run, &mut *backend, root)?;
    root.set_state(run, State::Building)?;
    let packages = texts(params.get("packages"))?;
    if !packages.is_empty() {
        backend.install(&mut site(run), root, &packages)?;
        tell_more(run, &*backend, root)?;
    }
    let args = ["/bin/sh".to_owned(), "-c".to_owned(), line.to_owned()];
    let command =
        RootCommand { args: &args, as_root: true, dir: None, env: &[], log: LOG, timeout: Duration::ZERO };
    let status = backend.run(&mut site(run), root, command)?;
    upload_logs(run, &*backend, &texts(params.get("upload_logs"))?)?;
    backend.clean()?;
    Ok(status)
}

/// The line for the shell, and the program's name for messages.
fn command(command: &Value) -> Result<(String, String)> {
    let (line, words) = match command {
        Value::String(line) => (line.clone(), line.split_whitespace().map(str::to_owned).collect()),
        list => {
            let words = texts(list)?;
            let quoted = |word: &String| format!("'{}'", word.replace('\'', r"'\''"));
            (words.iter().map(quoted).collect::<Vec<_>>().join(" "), words)
        }
    };
    // variables are set before the program's name
    let program = words.iter().find(|word| !word.contains('='));
    let name = program.map_or("(none)", |program| program.rsplit('/').next().unwrap_or(program));
    Ok((line, name.to_owned()))
}

fn binds(run: &Run, params: &Params) -> Result<Vec<(std::path::PathBuf, std::path::PathBuf)>> {
    let mounts = Mounts::load(Path::new(run.settings.text("runroot_config")))?;
    let binds = mounts.binds(&texts(params.get("mounts"))?)?;
    if !binds.is_empty() && run.settings.text("buildroot") == "host" {
        let text =
            "mounts need a root of its own, and this builder's is the host: set buildroot in kojid.conf";
        return Err(Error::new(Fault::Configuration, text));
    }
    Ok(binds)
}

/// The repository that is named, or the tag's.
fn repo(run: &mut Run, params: &Params) -> Result<Value> {
    let id = params.get("repo_id");
    if !id.is_true() {
        return repo::get(run, params.read("root")?, &Value::Nil, false);
    }
    let repo = run.ask(RepoInfo { strict: true, ..RepoInfo::new(IntLike(params.int("repo_id")?)) })?;
    let (tag, root) = (need_text(&repo, "tag_name")?, params.get("root"));
    if root.as_str().is_some_and(|root| root != tag) {
        let root = root.as_str().unwrap_or_default();
        return Err(Error::build(format!("build tag ({root}) does not match repo tag ({tag})")));
    }
    match field(&repo, "state").as_int() {
        Some(state) if USABLE.contains(&state) => Ok(repo),
        state => Err(Error::build(format!("repos in the state {state:?} may not be used by runroot"))),
    }
}

/// The arch of the buildroot: for noarch the first of the tag that this host has.
fn arch(run: &mut Run, arch: &str, config: &Value) -> Result<String> {
    if arch != NOARCH {
        return Ok(arch.to_owned());
    }
    let host = run.ask(HostGetHost::new())?;
    let list = |value: &Value| field(value, "arches").as_str().unwrap_or_default().to_owned();
    first_common(&list(&host), &list(config)).ok_or_else(|| {
        let tag = field(config, "name").as_str().unwrap_or_default();
        Error::build(format!("host does not match tag arches: {tag} ({})", list(config)))
    })
}

fn first_common(host: &str, tag: &str) -> Option<String> {
    let has = |arch: &&str| host.split_whitespace().any(|one| canonical(one) == *arch);
    tag.split_whitespace().map(canonical).find(has).map(str::to_owned)
}

/// Uploads files that the command wrote. Only what lies in the root itself: no link leads out of it.
fn upload_logs(run: &mut Run, backend: &dyn Backend, paths: &[String]) -> Result<()> {
    let Some(root) = backend.root_dir() else {
        if paths.is_empty() {
            return Ok(());
        }
        let text = "upload_logs needs a root of its own, and this builder's is the host: set buildroot in kojid.conf";
        return Err(Error::new(Fault::Configuration, text));
    };
    let root = root.canonicalize().map_err(|error| Error::io(root, error))?;
    for path in paths {
        let inside = root.join(path.trim_start_matches('/'));
        let real = inside.canonicalize().map_err(|error| Error::io(&inside, error))?;
        if !real.starts_with(&root) {
            return Err(Error::new(Fault::Buildroot, format!("{path} leads out of the buildroot")));
        }
        let name = real.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let copy = run.workdir().join(format!("uploaded-{name}"));
        files::remove_dir(&copy)?;
        files::copy_plain(&real, &copy)?;
        let dir = run.upload_dir();
        let upload = Upload { name: Some(&name), overwrite: true, ..Upload::new(&copy, &dir) };
        run.session.upload(&upload, &mut |_| {})?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_keep_their_words() {
        let list = Value::Array(args!["FOO=1", "/bin/echo", "it's"]);
        assert_eq!(command(&list).unwrap(), (r"'FOO=1' '/bin/echo' 'it'\''s'".into(), "echo".into()));
        assert_eq!(command(&"rpm -qa | sort".into()).unwrap(), ("rpm -qa | sort".into(), "rpm".into()));
        assert_eq!(command(&"".into()).unwrap().1, "(none)");
        assert!(command(&1.into()).is_err());
    }

    #[test]
    fn the_order_of_the_tag_counts() {
        assert_eq!(first_common("x86_64 i386", "s390x i686 x86_64").as_deref(), Some("i386"));
        assert_eq!(first_common("aarch64", "x86_64"), None);
    }
}
