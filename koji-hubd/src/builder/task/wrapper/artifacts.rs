//! [`Artifacts`]: the files that wrapper rpms are made around, with the names by which a template knows them.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use koji_core::api::archive::ListArchives;
use koji_core::api::task::ListTaskOutput;
use koji_core::client::{Expected, field};
use koji_core::paths::{self, BuildDir, Paths, task_relative};
use koji_core::wire::{Map, Value};
use koji_core::{Error, Result};

use super::super::run::{Run, need_int, need_text};
use super::BuildKind;
use crate::builder::files;

/// The hub's main volume, whose files are right below its top directory.
const MAIN_VOLUME: &str = "DEFAULT";

/// One file.
#[derive(Debug)]
struct Artifact {
    name: String,
    /// The path that the template sees.
    shown: String,
    place: Place,
}

/// Where the hub has a file.
#[derive(Debug)]
enum Place {
    /// Among the output of a task, by its path below the work directory.
    Uploaded(String),
    /// By its path below the top directory, and what the hub tells of it.
    Stored(String, Box<Expected>),
    /// A log, which the template may name but which is not copied.
    Nowhere,
}

/// The files of a task's output, or of a build.
#[derive(Debug)]
pub(super) struct Artifacts(Vec<Artifact>);

impl Artifacts {
    /// What a task has left, without its logs.
    pub fn of_task(run: &mut Run, task: i64) -> Result<Self> {
        let told = run.ask(ListTaskOutput { all_volumes: true, ..ListTaskOutput::new(task) })?;
        let mut artifacts = vec![];
        for (path, volumes) in told.as_struct().unwrap_or_default() {
            let name = file_name(path);
            if extension(name) == ".log" {
                continue;
            }
            let relative = format!("{}/{path}", task_relative(task));
            for volume in volumes.as_array().unwrap_or_default().iter().filter_map(Value::as_str) {
                let work = Paths::new("").work(Some(volume));
                let shown = shown(&work.join(&relative));
                let place = match volume {
                    MAIN_VOLUME => Place::Uploaded(relative.clone()),
                    _ => Place::Stored(shown.clone(), Box::default()),
                };
                artifacts.push(Artifact { name: name.to_owned(), shown, place });
            }
        }
        Ok(Self(artifacts))
    }

    /// The archives of a build.
    pub fn of_build(run: &mut Run, build: &Value, kind: BuildKind) -> Result<Self> {
        let id = need_int(build, "id")?;
        let wanted =
            ListArchives { buildID: Some(id), r#type: Some(kind.btype().into()), ..ListArchives::new() };
        let told = run.ask(wanted)?;
        let top = Paths::new("").type_dir(build_dir(build)?, kind.btype());
        told.as_array()
            .unwrap_or_default()
            .iter()
            .map(|archive| archived(archive, kind, &top))
            .collect::<Result<_>>()
            .map(Self)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What a template knows of them.
    pub fn values(&self) -> Map {
        let mut by_kind: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
        for artifact in &self.0 {
            by_kind.entry(extension(&artifact.name)).or_default().push(artifact.name.as_str().into());
        }
        let by_kind: Map = by_kind.into_iter().map(|(kind, names)| (kind.to_owned(), names.into())).collect();
        let names: Vec<Value> = self.0.iter().map(|artifact| artifact.name.as_str().into()).collect();
        let copied = self.0.iter().filter(|artifact| !matches!(artifact.place, Place::Nowhere));
        let paths: Vec<Value> = copied.map(|artifact| artifact.shown.as_str().into()).collect();
        map! {
            "artifacts" => Value::Struct(by_kind),
            "all_artifacts" => names,
            "all_artifacts_with_path" => paths,
        }
    }

    /// Copies them into the directory of the spec file, all side by side as rpm wants it: of two with the same name,
    /// and of one that the sources have already, the second has its path in its name.
    pub fn copy_to(&self, run: &mut Run, dir: &Path) -> Result<()> {
        for artifact in &self.0 {
            let (path, file) = match &artifact.place {
                Place::Nowhere => continue,
                Place::Uploaded(path) => (format!("work/{path}"), run.uploaded(path)?),
                Place::Stored(path, expected) => {
                    let file = files::local_path(&run.settings, run.workdir(), path, expected)?;
                    (path.clone(), file)
                }
            };
            let plain = dir.join(&artifact.name);
            let dest = match plain.symlink_metadata() {
                Ok(_) => dir.join(path.replace('/', "-")),
                Err(_) => plain,
            };
            copy(&file, &dest)?;
        }
        Ok(())
    }
}

fn archived(archive: &Value, kind: BuildKind, top: &Path) -> Result<Artifact> {
    let name = need_text(archive, "filename")?.to_owned();
    let shown = match kind {
        BuildKind::Maven => {
            let part = |name| need_text(archive, name);
            let dir = paths::maven_repo(part("group_id")?, part("artifact_id")?, part("version")?);
            format!("{dir}/{name}")
        }
        BuildKind::Win => paths::win_file(field(archive, "relpath").as_str().unwrap_or_default(), &name),
        BuildKind::Image => name.clone(),
    };
    let place = match extension(&name) {
        ".log" => Place::Nowhere,
        _ => Place::Stored(self::shown(&top.join(&shown)), Box::new(Expected::of_archive(archive)?)),
    };
    Ok(Artifact { name, shown, place })
}

/// Where a build's files are.
fn build_dir(build: &Value) -> Result<BuildDir<'_>> {
    Ok(BuildDir {
        name: need_text(build, "name")?,
        version: need_text(build, "version")?,
        release: need_text(build, "release")?,
        volume: field(build, "volume_name").as_str(),
    })
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// The end of a name from its last dot on; dots that it begins with do not count.
fn extension(name: &str) -> &str {
    let begin = name.len() - name.trim_start_matches('.').len();
    name[begin..].rfind('.').map_or("", |dot| &name[begin + dot..])
}

fn copy(from: &Path, to: &PathBuf) -> Result<()> {
    let mut source = File::open(from).map_err(|error| Error::io(from, error))?;
    let mut dest = File::create_new(to).map_err(|error| Error::io(to, error))?;
    std::io::copy(&mut source, &mut dest).map_err(|error| Error::io(to, error))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_apart_by_their_ends() {
        let ends = [("a.tar.gz", ".gz"), ("a", ""), (".hidden", ""), ("..x.jar", ".jar"), ("a.", ".")];
        for (name, end) in ends {
            assert_eq!(extension(name), end, "{name}");
        }
    }

    #[test]
    fn a_template_knows_archives_by_kind_name_and_path() {
        let gav = map! { "group_id" => "org.x", "artifact_id" => "tool", "version" => "1" };
        let archive = |name: &str| {
            let mut told = map! { "filename" => name, "size" => 3, "checksum" => "00", "checksum_type" => 0 };
            told.extend(gav.clone());
            archived(&Value::Struct(told), BuildKind::Maven, Path::new("packages/a/1/1/maven")).unwrap()
        };
        let artifacts = Artifacts(vec![archive("tool-1.jar"), archive("tool-1.log")]);
        let Place::Stored(path, _) = &artifacts.0[0].place else { panic!("{artifacts:?}") };
        assert_eq!(path, "packages/a/1/1/maven/org/x/tool/1/tool-1.jar");
        let values = Value::Struct(artifacts.values());
        assert_eq!(field(&values, "all_artifacts"), &Value::Array(args!["tool-1.jar", "tool-1.log"]));
        assert_eq!(
            field(&values, "all_artifacts_with_path"),
            &Value::Array(args!["org/x/tool/1/tool-1.jar"])
        );
        assert_eq!(field(field(&values, "artifacts"), ".jar"), &Value::Array(args!["tool-1.jar"]));
    }
}
