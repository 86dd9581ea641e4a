//! `rebuildSRPM`: makes a source rpm anew, so that it has the tag's macros (such as the dist tag) in its name.

use koji_core::api::tag::GetTag;
use koji_core::client::Session;
use koji_core::db::Lookup;
use koji_core::wire::{Map, Value};
use koji_core::{Error, Result};

use super::build_arch::{fits, init, logs, root_arch, site};
use super::run::{Run, need_int};
use super::srpm::SourceRpm;
use super::{Failure, Params, Signature, TaskHandler};
use crate::builder::backend::{self, Backend};
use crate::builder::buildroot::{BuildRoot, RootOptions, State};
use crate::builder::files;

/// Makes a source rpm from a source rpm.
pub(super) struct RebuildSrpm;

impl TaskHandler for RebuildSrpm {
    fn method(&self) -> &'static str {
        "rebuildSRPM"
    }

    fn signature(&self) -> Signature {
        Signature { names: &["srpm", "build_tag", "opts"], required: 2 }
    }

    fn check_host(&self, hub: &mut Session, params: &Params, host: &Value) -> Result<bool> {
        fits(hub, params.read("build_tag")?, host)
    }

    fn run(&self, run: &mut Run, params: &Params) -> Result<Value, Failure> {
        let root = make_root(run, params, RootOptions::source())?;
        let made = rebuild(run, &root, params);
        let expired = root.set_state(run, State::Expired);
        let mut backend = made?;
        expired?;
        let name = backend_srpm(&*backend)?;
        let source = map! { "source" => name.clone(), "url" => name };
        let result = hand_in(run, &*backend, &root, source)?;
        backend.clean()?;
        Ok(result)
    }
}

/// The buildroot that a source rpm is made in.
pub(super) fn make_root(run: &mut Run, params: &Params, options: RootOptions) -> Result<BuildRoot> {
    let repo = run.usable_repo(params.opt("repo_id"))?;
    let event = need_int(&repo, "create_event")?;
    let tag = GetTag::new(params.read::<Lookup>("build_tag")?);
    let tag = run.ask(GetTag { strict: true, event: Some(event).into(), ..tag })?;
    let config = run.build_config(need_int(&tag, "id")?, Some(event))?;
    let arch = root_arch(run, "noarch", &config)?;
    BuildRoot::with_options(run, (&config, &arch, &repo), options)
}

fn rebuild(run: &mut Run, root: &BuildRoot, params: &Params) -> Result<Box<dyn Backend>> {
    let mut backend = backend::from_settings(&run.settings)?;
    init(run, &mut *backend, root)?;
    let srpm = run.uploaded(params.text("srpm")?)?;
    SourceRpm::open(&srpm)?;
    root.set_state(run, State::Building)?;
    backend.rebuild_srpm(&mut site(run), root, &srpm)?;
    Ok(backend)
}

/// The name of the source rpm that was made, the only one.
fn backend_srpm(backend: &dyn Backend) -> Result<String> {
    let names = files::names(backend.results())?;
    let sources: Vec<_> = names.iter().filter(|name| name.ends_with(".src.rpm")).collect();
    match sources[..] {
        [name] => Ok(name.clone()),
        [] => Err(Error::build("No srpms found")),
        _ => Err(Error::build(format!("Multiple srpms found: {sources:?}"))),
    }
}

/// Uploads the source rpm; gives the task's result, with what the build is to remember of its source.
pub(super) fn hand_in(run: &mut Run, backend: &dyn Backend, root: &BuildRoot, source: Map) -> Result<Value> {
    let name = backend_srpm(backend)?;
    let path = backend.results().join(&name);
    let expected = SourceRpm::open(&path)?.file_name();
    if expected != name {
        return Err(Error::build(format!("srpm name mismatch: {expected} != {name}")));
    }
    let srpm = run.upload(&path)?;
    Ok(Value::Struct(map! {
        "srpm" => srpm,
        "logs" => logs(run, backend),
        "brootid" => root.id,
        "source" => Value::Struct(source),
    }))
}
