//! What builders call to begin and end Maven, Windows and image builds.

use super::args::Arg;
use super::build::part;
use super::buildroot::found;
use super::cast::IntLike;
use super::host_build::begun;
use super::typed_build::require;
use crate::build::create;
use crate::build::lookup::BuildRef;
use crate::build::state::BuildState;
use crate::build::typed_end::{self, ImageOutput, MavenOutput, WinOutput, WrapperRpms};
use crate::build::{BuildRow, next_release, row, typed};
use crate::buildroot::content;
use crate::context::Cx;
use crate::methods;
use crate::task::owner;
use crate::wire::{Map, Value};
use crate::{Error, Result};

methods! {
    /// Makes the entry of a Maven build that begins; its release is counted up.
    write Host => HostInitMavenBuild "host.initMavenBuild" (task_id: IntLike, build_info: Map, maven_info: Value) -> Value
        = |m, cx| {
            require(cx, "EnableMaven", "Maven")?;
            let data = with(m.build_info, "release", Value::Nil);
            let data = with_release(cx, data)?;
            let (data, id) = begin(cx, data, m.task_id.0)?;
            let build = row::get(cx, &BuildRef::from(id))?;
            typed::make_maven(cx, &build, &m.maven_info)?;
            Ok(Value::Struct(data))
        };

    /// Makes a build a Maven build.
    write Host => HostCreateMavenBuild "host.createMavenBuild" (build_info: Value, maven_info: Value) -> ()
        = |m, cx| {
            require(cx, "EnableMaven", "Maven")?;
            let build = as_answered(cx, &m.build_info)?;
            typed::make_maven(cx, &build, &m.maven_info)
        };

    /// Imports what a Maven build has made; the build is complete.
    write Host => HostCompleteMavenBuild "host.completeMavenBuild"
        (task_id: IntLike, build_id: i64, maven_results: Map, rpm_results: Option<Map>) -> ()
        = |m, cx| {
            require(cx, "EnableMaven", "Maven")?;
            own(cx, m.task_id.0)?;
            let build = typed_end::on_volume(cx, m.build_id, m.task_id.0, "maven")?;
            let results = &m.maven_results;
            take::<Value>(results, "buildroot_id")?;
            let output = MavenOutput {
                task: take(results, "task_id")?,
                files: lists(take(results, "files")?)?,
                logs: take(results, "logs")?,
            };
            typed_end::import_maven(cx, &build, &output)?;
            typed_end::import_wrappers(cx, &build, &wrappers(m.rpm_results.as_ref())?)?;
            typed_end::finish(cx, &build, m.task_id.0)
        };

    /// Makes the entry of a Windows build that begins.
    write Host => HostInitWinBuild "host.initWinBuild" (task_id: IntLike, build_info: Map, win_info: Value) -> Value
        = |m, cx| {
            require(cx, "EnableWin", "Windows")?;
            let (data, id) = begin(cx, m.build_info, m.task_id.0)?;
            let build = row::get(cx, &BuildRef::from(id))?;
            typed::make_win(cx, &build, &m.win_info)?;
            Ok(Value::Struct(data))
        };

    /// Imports what a Windows build has made; the build is complete.
    write Host => HostCompleteWinBuild "host.completeWinBuild"
        (task_id: IntLike, build_id: i64, results: Map, rpm_results: Option<Map>) -> ()
        = |m, cx| {
            require(cx, "EnableWin", "Windows")?;
            own(cx, m.task_id.0)?;
            let build = typed_end::on_volume(cx, m.build_id, m.task_id.0, "win")?;
            take::<Value>(&m.results, "buildroot_id")?;
            let files: Map = take(&m.results, "output")?;
            let file = |(path, about): (String, Value)| {
                let about = Map::take(about)?;
                let flags: Option<Vec<String>> = take(&about, "flags")?;
                Ok((path, take(&about, "platforms")?, flags.unwrap_or_default()))
            };
            let output = WinOutput {
                task: take(&m.results, "task_id")?,
                files: files.into_iter().map(file).collect::<Result<_>>()?,
                logs: take(&m.results, "logs")?,
            };
            typed_end::import_win(cx, &build, &output)?;
            typed_end::import_wrappers(cx, &build, &wrappers(m.rpm_results.as_ref())?)?;
            typed_end::finish(cx, &build, m.task_id.0)
        };

    /// Makes the entry of an image build that begins.
    write Host => HostInitImageBuild "host.initImageBuild" (task_id: IntLike, build_info: Map) -> Value
        = |m, cx| {
            let data = with_release(cx, m.build_info)?;
            let (data, id) = begin(cx, data, m.task_id.0)?;
            let build = row::get(cx, &BuildRef::from(id))?;
            typed::make_image(cx, &build)?;
            Ok(Value::Struct(data))
        };

    /// Imports what an image build has made; the build is complete.
    write Host => HostCompleteImageBuild "host.completeImageBuild" (task_id: IntLike, build_id: i64, results: Map) -> ()
        = |m, cx| {
            own(cx, m.task_id.0)?;
            let build = typed_end::on_volume(cx, m.build_id, m.task_id.0, "image")?;
            import_images(cx, &build, m.task_id.0, m.results)?;
            typed_end::finish(cx, &build, m.task_id.0)
        };

    /// Imports images into a build.
    write Host => HostImportImage "host.importImage" (task_id: IntLike, build_info: Map, results: Map) -> ()
        = |m, cx| {
            own(cx, m.task_id.0)?;
            let id: i64 = take(&m.build_info, "id")?;
            let build = row::get(cx, &BuildRef::Id(id))?;
            import_images(cx, &build, m.task_id.0, m.results)
        };

    /// Imports wrapper rpms into a complete build that has no rpms.
    write Host => HostImportWrapperRpms "host.importWrapperRPMs" (task_id: IntLike, build_id: i64, rpm_results: Map) -> ()
        = |m, cx| {
            require(cx, "EnableMaven", "Maven")?;
            own(cx, m.task_id.0)?;
            let mut wrapper = wrapper(&m.rpm_results)?;
            wrapper.task = m.task_id.0;
            typed_end::import_late_wrapper(cx, m.build_id, &wrapper)
        };
}

/// The calling host must have this task open.
fn own(cx: &mut Cx<'_>, task: i64) -> Result<()> {
    let host = cx.require_host()?;
    owner::require(cx, task, host)
}

/// A build as an earlier call answered it: its name is looked at, but its id counts.
pub(super) fn as_answered(cx: &mut Cx<'_>, build: &Value) -> Result<BuildRow> {
    let named = BuildRef::take(build.clone())?;
    match build.get("id") {
        Some(id) => row::get(cx, &BuildRef::Id(i64::take(id.clone())?)),
        None => Err(Error::unforeseen(format!("the struct of build {named} lacks its id"))),
    }
}

fn with(mut data: Map, key: &str, value: Value) -> Map {
    data.retain(|(name, _)| name != key);
    data.push((key.to_owned(), value));
    data
}

/// The same with the next release, if it has none.
fn with_release(cx: &mut Cx<'_>, data: Map) -> Result<Map> {
    if data.iter().any(|(key, release)| key == "release" && !release.is_nil()) {
        return Ok(data);
    }
    let release = next_release::find(cx, &part(&data, "name")?, &part(&data, "version")?, 1)?;
    Ok(with(data, "release", release.into()))
}

/// Makes a build's entry. The answer is what the builder sent, with what the hub has decided.
fn begin(cx: &mut Cx<'_>, data: Map, task: i64) -> Result<(Map, i32)> {
    own(cx, task)?;
    let new = begun(cx, &data, task)?;
    let owner = new.owner;
    let id = create::create(cx, &new)?;
    let mut data = with(data, "task_id", task.into());
    data = with(data, "owner", owner.into());
    data = with(data, "state", BuildState::Building.number_value());
    data = with(data, "completion_time", Value::Nil);
    Ok((with(data, "id", id.into()), id))
}

/// A member of a struct that must be there.
fn take<T: Arg>(map: &Map, key: &str) -> Result<T> {
    let found = map.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone());
    T::take(found.ok_or_else(|| Error::unforeseen(format!("the results lack {key}")))?)
}

fn lists(map: Map) -> Result<Vec<(String, Vec<String>)>> {
    map.into_iter().map(|(key, list)| Ok((key, Vec::take(list)?))).collect()
}

fn wrapper(results: &Map) -> Result<WrapperRpms> {
    Ok(WrapperRpms {
        task: take::<Option<i64>>(results, "task_id").ok().flatten().unwrap_or_default(),
        buildroot: take(results, "buildroot_id")?,
        srpm: take(results, "srpm")?,
        rpms: take(results, "rpms")?,
        logs: take(results, "logs")?,
    })
}

/// The wrapper rpms that results tell of, if they do.
fn wrappers(results: Option<&Map>) -> Result<Vec<WrapperRpms>> {
    let wrapper = |results: &Map| Ok(WrapperRpms { task: take(results, "task_id")?, ..wrapper(results)? });
    results.filter(|results| !results.is_empty()).into_iter().map(wrapper).collect()
}

/// The results of each task of an image build; a task that failed has no id in them.
fn import_images(cx: &mut Cx<'_>, build: &BuildRow, task: i64, results: Map) -> Result<()> {
    let one_dir = typed_end::logs_in_one_dir(cx, task)?;
    let (mut outputs, mut rpms, mut wrapped) = (Vec::new(), Vec::new(), Vec::new());
    for (_, result) in results {
        let result = Map::take(result)?;
        if !result.iter().any(|(key, _)| key == "task_id") {
            tracing::warn!(build = build.nvr, "a task of an image build has left no image");
            continue;
        }
        rpms.push(found(&take::<Vec<Map>>(&result, "rpmlist")?)?);
        outputs.push(ImageOutput {
            task: take(&result, "task_id")?,
            arch: take(&result, "arch")?,
            files: take(&result, "files")?,
            rpms: Vec::new(),
            one_dir,
        });
        let of_result = result.iter().find(|(key, _)| key == "rpmresults").map(|(_, value)| value.clone());
        wrapped.extend(wrappers(of_result.map(Map::take).transpose()?.as_ref())?);
    }
    for (output, ids) in outputs.iter_mut().zip(content::ids_of_each(cx, &rpms)?) {
        output.rpms = ids;
    }
    typed_end::import_images(cx, build, &outputs)?;
    typed_end::import_wrappers(cx, build, &wrapped)
}
