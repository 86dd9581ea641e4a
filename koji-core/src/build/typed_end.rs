//! The end of Maven, Windows and image builds: what their tasks have made is imported.

use super::files;
use super::logs;
use super::lookup::BuildRef;
use super::row::{self, BuildRow};
use super::state::{BuildEvent, BuildState};
use super::{change, typed};
use crate::archive::import::{self as archives, NewArchive, Part};
use crate::archive::kind::{self, ArchiveType};
use crate::archive::pom;
use crate::build::typed::MavenInfo;
use crate::context::Cx;
use crate::db::{Bind, Insert, Query};
use crate::paths;
use crate::rpm::import::{self as rpms, NewRpm};
use crate::volume::{self, links};
use crate::wire::Value;
use crate::{Error, Result, notification};

/// Rpms that wrap what a build has made, or were made beside an image.
#[derive(Clone, Debug)]
pub struct WrapperRpms {
    /// The task that made them
    pub task: i64,
    /// The buildroot that they were built in
    pub buildroot: Option<i32>,
    /// The source rpm
    pub srpm: String,
    /// The other rpms
    pub rpms: Vec<String>,
    /// The logs
    pub logs: Vec<String>,
}

/// A file of a task's output: by its path there.
pub fn task_file(cx: &Cx<'_>, task: i64, path: &str) -> Result<std::path::PathBuf> {
    files::uploaded(cx, &format!("{}/{path}", paths::task_relative(task)))
}

/// A build as it will be: on the volume that the policy chooses.
pub fn on_volume(cx: &mut Cx<'_>, build: i64, task: i64, btype: &str) -> Result<BuildRow> {
    let mut build = row::get(cx, &BuildRef::Id(build))?;
    let data = vec![
        ("build".to_owned(), Value::from(build.id)),
        ("package".to_owned(), Value::from(build.name.as_str())),
        ("import".to_owned(), Value::Bool(true)),
        ("import_type".to_owned(), Value::from(btype)),
    ];
    let volume = volume::policy::for_import(cx, data, Some(task))?;
    (build.volume_id, build.volume_name) = (volume.id, volume.name);
    Ok(build)
}

/// Completes a build after its files have been imported.
pub fn finish(cx: &mut Cx<'_>, build: &BuildRow, task: i64) -> Result<()> {
    links::of_call(cx, build.dir())?;
    let volume = build.volume_id;
    let build = change::apply(cx, build, BuildEvent::Complete, |update| update.set("volume_id", volume))?
        .ok_or_else(|| Error::generic(format!("Build {} can't be completed", build.nvr)))?;
    notification::send::built(cx, &[(task, &build)])
}

/// Imports wrapper rpms; their source rpms may have any name.
pub fn import_wrappers(cx: &mut Cx<'_>, build: &BuildRow, wrappers: &[WrapperRpms]) -> Result<()> {
    let mut new = Vec::new();
    for WrapperRpms { task, buildroot, srpm, rpms, .. } in wrappers {
        for path in [srpm].into_iter().chain(rpms) {
            let file = task_file(cx, *task, path)?;
            new.push(NewRpm { file, buildroot: *buildroot, wrapper: true, ..NewRpm::default() });
        }
    }
    rpms::import(cx, build, new)?;
    for WrapperRpms { task, logs, .. } in wrappers {
        for path in logs {
            logs::import(cx, build, &task_file(cx, *task, path)?, "noarch")?;
        }
    }
    Ok(())
}

/// Imports wrapper rpms into a build that is complete and has no rpms yet.
pub fn import_late_wrapper(cx: &mut Cx<'_>, build: i64, wrapper: &WrapperRpms) -> Result<()> {
    let build = row::get(cx, &BuildRef::Id(build))?;
    let state = build.build_state()?;
    if state != BuildState::Complete {
        let nvr = &build.nvr;
        return Err(Error::generic(format!(
            "cannot import wrapper rpms for {nvr}: it is {state}, not COMPLETE"
        )));
    }
    if Query::from("rpminfo").filter("build_id = ?", build.id).exists(cx.db)? {
        return Err(Error::generic(format!("wrapper rpms for {} have already been imported", build.nvr)));
    }
    import_wrappers(cx, &build, std::slice::from_ref(wrapper))
}

/// What a Maven task has made. Koji does not keep in which buildroot.
#[derive(Clone, Debug)]
pub struct MavenOutput {
    /// The task
    pub task: i64,
    /// The files of each directory
    pub files: Vec<(String, Vec<String>)>,
    /// The logs
    pub logs: Vec<String>,
}

/// Imports what a Maven task has made. A directory with a project file holds the artifacts that it names.
pub fn import_maven(cx: &mut Cx<'_>, build: &BuildRow, output: &MavenOutput) -> Result<()> {
    let known = typed::find_maven(cx, build.id)?
        .ok_or_else(|| Error::generic(format!("no such maven build: {}", build.nvr)))?;
    let of_build =
        MavenInfo { group_id: known.group_id, artifact_id: known.artifact_id, version: known.version };
    let kinds = kind::list(cx)?;
    let mut new = Vec::new();
    for (dir, names) in &output.files {
        let path = |name: &str| if dir.is_empty() { name.to_owned() } else { format!("{dir}/{name}") };
        let poms: Vec<&String> = names.iter().filter(|name| name.ends_with(".pom")).collect();
        let info = match poms[..] {
            [] => of_build.clone(),
            [name] => pom::read(&task_file(cx, output.task, &path(name))?)?,
            _ => return Err(Error::build(format!("multiple .pom files in {dir}"))),
        };
        for name in names.iter().filter(|name| !name.ends_with(".md5") && !name.ends_with(".sha1")) {
            let file = task_file(cx, output.task, &path(name))?;
            if name == "maven-metadata.xml" {
                // Part of the build's Maven repo, but made anew for every tag: no archive.
                let dest = paths::safe_join(&cx.env.paths.maven_build(build.dir()), dir)?.join(name);
                files::take_in(cx, &file, &dest)?;
                archives::write_sums(cx, &file, &dest)?;
                continue;
            }
            supported(&kinds, name)?;
            new.push(NewArchive::new(file, Part::Maven(info.clone())));
        }
    }
    archives::import(cx, build, new)?;
    for path in &output.logs {
        let file = task_file(cx, output.task, path)?;
        logs::import(cx, build, &file, "maven")?;
    }
    Ok(())
}

/// What a Windows task has made. Koji does not keep in which buildroot.
#[derive(Clone, Debug)]
pub struct WinOutput {
    /// The task
    pub task: i64,
    /// The files, each with what it is for and how it was built
    pub files: Vec<(String, Vec<String>, Vec<String>)>,
    /// The logs
    pub logs: Vec<String>,
}

/// Imports what a Windows task has made.
pub fn import_win(cx: &mut Cx<'_>, build: &BuildRow, output: &WinOutput) -> Result<()> {
    let kinds = kind::list(cx)?;
    let mut new = Vec::new();
    for (path, platforms, flags) in &output.files {
        supported(&kinds, path)?;
        let file = task_file(cx, output.task, path)?;
        let relpath = path.rsplit_once('/').map_or("", |(dir, _)| dir).to_owned();
        let part = Part::Win { relpath, platforms: platforms.clone(), flags: flags.clone() };
        new.push(NewArchive::new(file, part));
    }
    archives::import(cx, build, new)?;
    for path in &output.logs {
        let file = task_file(cx, output.task, path)?;
        let dir = path.rsplit_once('/').map_or("win".to_owned(), |(dir, _)| format!("win/{dir}"));
        logs::import(cx, build, &file, &dir)?;
    }
    Ok(())
}

/// What one task of an image build has made.
#[derive(Clone, Debug)]
pub struct ImageOutput {
    /// The task
    pub task: i64,
    /// The image's arch
    pub arch: String,
    /// The files
    pub files: Vec<String>,
    /// The ids of the rpms that are in the image
    pub rpms: Vec<i32>,
    /// Whether the logs of all arches go into one directory, as far as their names allow
    pub one_dir: bool,
}

/// Whether a task makes images of one arch, whose logs need no directory of their own.
pub fn logs_in_one_dir(cx: &mut Cx<'_>, task: i64) -> Result<bool> {
    let method: Option<String> = Query::from("task").filter("id = ?", task).select_first(cx.db, "method")?;
    Ok(["appliance", "image", "indirectionimage", "livecd"].contains(&method.unwrap_or_default().as_str()))
}

/// Imports images with their logs, which are all the `.log` files of their tasks.
pub fn import_images(cx: &mut Cx<'_>, build: &BuildRow, outputs: &[ImageOutput]) -> Result<()> {
    let kinds = kind::list(cx)?;
    let mut new = Vec::new();
    // what each file was made of: the descriptions of images are made of nothing
    let mut made_of: Vec<&[i32]> = Vec::new();
    for output in outputs {
        for name in &output.files {
            supported(&kinds, name)?;
            let part = Part::Image { arch: output.arch.clone() };
            new.push(NewArchive::new(task_file(cx, output.task, name)?, part));
            made_of.push(if name.ends_with("xml") { &[] } else { &output.rpms });
        }
    }
    let ids = archives::import(cx, build, new)?;
    let components = ids.iter().zip(made_of).flat_map(|(archive, rpms)| {
        rpms.iter().map(|rpm| -> Vec<Bind> { vec![(*archive).into(), (*rpm).into()] })
    });
    let components = components.collect();
    Insert::many(cx.db, "archive_rpm_components", &["archive_id", "rpm_id"], components)?;
    outputs.iter().try_for_each(|output| import_logs(cx, build, output))
}

fn import_logs(cx: &mut Cx<'_>, build: &BuildRow, output: &ImageOutput) -> Result<()> {
    let dir = cx.env.paths.task(output.task, None);
    let entries = dir.read_dir().map_err(|source| Error::io(&dir, source))?;
    let mut names: Vec<String> = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|source| Error::io(&dir, source))?;
        if entry.file_type().is_ok_and(|kind| kind.is_file()) {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    for name in names.iter().filter(|name| name.ends_with(".log")) {
        let file = task_file(cx, output.task, name)?;
        let shared = cx.env.paths.build_logs(build.dir()).join("image").join(name);
        let own = format!("image/{}", output.arch);
        let dir = if output.one_dir && !shared.exists() { "image" } else { &own };
        logs::import(cx, build, &file, dir)?;
    }
    Ok(())
}

/// Refuses files that are no archives.
fn supported(kinds: &[ArchiveType], name: &str) -> Result<()> {
    match kind::of_filename(kinds, name)? {
        Some(_) => Ok(()),
        None => Err(Error::build(format!("unsupported file type: {name}"))),
    }
}
