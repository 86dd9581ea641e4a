//! What becomes of wrapper rpms when no other task takes them: scratch results, rpms of a build, or a build of their own.

use koji_core::api::host_build::{HostCompleteBuild, HostInitBuild, HostMoveBuildToScratch};
use koji_core::api::host_typed::HostImportWrapperRpms;
use koji_core::client::field;
use koji_core::wire::{Map, Value};
use koji_core::{Error, Result};

use super::super::destination::{self, Destination};
use super::super::run::{Run, need_int};
use super::super::srpm::SourceRpm;
use super::Params;

/// The rpms that were made, by their names among the task's output.
pub(super) struct Made {
    pub buildroot: i64,
    pub srpm: String,
    pub rpms: Vec<String>,
    pub logs: Vec<Value>,
}

impl Made {
    /// As the hub takes it.
    pub fn told(&self) -> Map {
        map! {
            "buildroot_id" => self.buildroot,
            "srpm" => self.srpm.as_str(),
            "rpms" => self.rpms.iter().map(|name| Value::from(name.as_str())).collect::<Vec<_>>(),
            "logs" => self.logs.clone(),
        }
    }
}

/// A build of the wrapper rpms alone.
pub(super) struct NewBuild {
    id: i64,
    destination: Destination,
}

impl NewBuild {
    /// Begins it, if that is wanted.
    ///
    /// # Errors
    /// The destination does not take the package.
    pub fn begin(run: &mut Run, params: &Params, srpm: &SourceRpm, source: &Map) -> Result<Option<Self>> {
        if !params.opt("create_build").is_true() || params.opt("scratch").is_true() {
            return Ok(None);
        }
        let destination = Destination::of_target(params.get("build_target"))?;
        if !params.opt("skip_tag").is_true() {
            destination.check(run, ("package", &srpm.name), None)?;
        }
        let id = run.call(HostInitBuild::new(data(run.id, params, srpm, source)?))?.into();
        Ok(Some(Self { id, destination }))
    }

    /// Tells the hub that it has failed.
    pub fn fail(&self, run: &mut Run) {
        destination::fail(run, self.id);
    }

    /// Tags it, if that is wanted.
    pub fn tag(&self, run: &mut Run, params: &Params) -> Result<()> {
        if params.opt("skip_tag").is_true() { Ok(()) } else { self.destination.tag(run, self.id) }
    }
}

fn data(task: i64, params: &Params, srpm: &SourceRpm, source: &Map) -> Result<Map> {
    let metadata = params.opt("custom_user_metadata");
    if !matches!(metadata, Value::Nil | Value::Struct(_)) {
        return Err(Error::build("custom_user_metadata must be serializable to a JSON object"));
    }
    let source = Value::Struct(source.clone());
    let mut extra =
        map! { "source" => Value::Struct(map! { "original_url" => field(&source, "url").clone() }) };
    if metadata.is_true() {
        extra.extend(map! { "custom_user_metadata" => metadata.clone() });
    }
    let mut data = map! {
        "name" => srpm.name.clone(),
        "version" => srpm.version.clone(),
        "release" => srpm.release.clone(),
        "epoch" => srpm.epoch,
        "task_id" => task,
        "source" => field(&source, "source").clone(),
        "extra" => Value::Struct(extra),
    };
    if params.opt("draft").is_true() {
        data.extend(map! { "draft" => params.opt("draft").clone() });
    }
    Ok(data)
}

/// Hands the rpms in, unless another task does.
pub(super) fn finish(
    run: &mut Run,
    params: &Params,
    made: &Made,
    new_build: Option<&NewBuild>,
) -> Result<()> {
    if params.get("task").is_true() {
        return Ok(());
    }
    let dir = run.upload_dir();
    let path = |name: &String| format!("{dir}/{name}");
    let (srpm, rpms): (String, Vec<String>) = (path(&made.srpm), made.rpms.iter().map(path).collect());
    let logs = made.logs.iter().filter_map(Value::as_str).map(|name| Value::from(format!("{dir}/{name}")));
    let logs = Some(map! { "noarch" => logs.collect::<Vec<_>>() });
    if params.opt("scratch").is_true() {
        return run.call(HostMoveBuildToScratch { logs, ..HostMoveBuildToScratch::new(run.id, srpm, rpms) });
    }
    if let Some(new_build) = new_build {
        let roots = [&srpm].into_iter().chain(&rpms).map(|path| (path.clone(), Value::from(made.buildroot)));
        let brmap = Some(roots.collect());
        let done = HostCompleteBuild::new(run.id, new_build.id, srpm, rpms);
        return run.ask(HostCompleteBuild { brmap, logs, ..done }).map(drop);
    }
    let build = need_int(params.get("build"), "id")?;
    run.call(HostImportWrapperRpms::new(run.id, build, made.told()))
}
