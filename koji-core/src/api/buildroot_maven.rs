//! What builders tell of the local Maven repository of a buildroot.

use super::args::{Arg, expected};
use super::cast::IntLike;
use super::typed_build::{maven_info, require};
use crate::build::BuildRef;
use crate::buildroot::make;
use crate::buildroot::maven::{self, Artifact, ArtifactFile, Besides};
use crate::context::Cx;
use crate::methods;
use crate::task::output::{self, Listing};
use crate::wire::{Map, Value};
use crate::{Error, Result};

methods! {
    /// Says which files Maven took into a buildroot. Those that the repo's builds supply are noted; `ignore` and the
    /// builds and tasks of `extra_deps` say what else there may be.
    write Host => HostUpdateMavenBuildRootList "host.updateMavenBuildRootList"
        (brootid: i64, task_id: IntLike, mavenlist: Vec<Map>, ignore: Option<Vec<Map>> = None, project: bool = false,
         ignore_unknown: bool = false, extra_deps: Option<Vec<Value>> = None) -> ()
        = |m, cx| {
            require(cx, "EnableMaven", "Maven")?;
            let buildroot = make::own(cx, m.brootid, Some(m.task_id.0))?;
            let mut besides = Besides {
                ignore: artifacts(&m.ignore.unwrap_or_default())?,
                ignore_unknown: m.ignore_unknown,
                ..Besides::default()
            };
            for dep in m.extra_deps.unwrap_or_default() {
                match dep {
                    Value::Int(task) => besides.ignore.extend(of_task(cx, task)?),
                    build => besides.builds.push(BuildRef::take(build)?),
                }
            }
            maven::note(cx, &buildroot, &artifacts(&m.mavenlist)?, &besides, m.project)
        };
}

fn member<T: Arg>(map: &Map, key: &str) -> Result<T> {
    let found = map.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone());
    T::take(found.ok_or_else(|| Error::unforeseen(format!("an artifact of a buildroot lacks {key}")))?)
}

fn artifacts(list: &[Map]) -> Result<Vec<Artifact>> {
    list.iter()
        .map(|entry| {
            let files = member::<Vec<Map>>(entry, "files")?;
            Ok(Artifact {
                info: maven_info(&member(entry, "maven_info")?)?,
                files: files.iter().map(file).collect::<Result<_>>()?,
            })
        })
        .collect()
}

fn file(file: &Map) -> Result<ArtifactFile> {
    // Files to be ignored come without their directory.
    let path = if file.iter().any(|(key, _)| key == "path") { member(file, "path")? } else { String::new() };
    Ok(ArtifactFile { path, filename: member(file, "filename")?, size: member::<IntLike>(file, "size")?.0 })
}

/// What another task of the build has made.
fn of_task(cx: &mut Cx<'_>, task: i64) -> Result<Vec<Artifact>> {
    let listing = Listing { stat: true, ..Listing::default() };
    let Value::Struct(files) = output::list(cx, task, listing)? else { return Ok(Vec::new()) };
    let artifact = |(path, stat): (String, Value)| {
        let size = stat.get("st_size").cloned().ok_or_else(|| expected("a size", &stat))?;
        Ok(maven::of_path(&path, IntLike::take(size)?.0))
    };
    Ok(files.into_iter().map(artifact).collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
}
