//! `CGImport`: a build that was made elsewhere comes in whole, or not at all.

use std::collections::HashSet;
use std::path::Path;

use super::components::{self, Matched};
use super::entry::{self, Entry};
use super::leftover;
use super::metadata::{self, BuildrootPart, Generators, Given, Metadata, Raw};
use super::outputs::{self, Prepared};
use super::speak;
use crate::build::{BuildRow, files};
use crate::buildroot::external;
use crate::context::Cx;
use crate::db::Lookup;
use crate::db::lookup::Named;
use crate::volume::{self, links};
use crate::wire::{self, Map, Value};
use crate::{Error, Result, plugin, policy};

/// Imports a build of a content generator that the caller may speak for. The files are in an upload directory; a
/// reserved build needs the token of its reservation.
pub fn import(cx: &mut Cx<'_>, given: &Given, directory: &str, token: Option<&str>) -> Result<BuildRow> {
    let raw = metadata::read(cx, given, directory)?;
    let cg = generator(cx, &raw)?;
    let mut entry = entry::prepare(cx, &metadata::build(&raw)?, &cg, token)?;
    let all: Metadata = raw.typed()?;
    check_rooms(&all)?;
    refuse_doubled_logs(&all)?;
    let prepared = all
        .output
        .iter()
        .zip(raw.outputs())
        .map(|output| outputs::prepare(cx, output, directory, &entry.types))
        .collect::<Result<Vec<_>>>()?;
    let mut notes = Vec::new();
    let mut made_of = match_components(cx, &all, &prepared, &mut notes)?;
    assert_policy(cx, &all, &entry, &cg)?;
    entry.new.volume_id = choose_volume(cx, &entry, &cg)?;
    hook(cx, "preImport", &raw, directory, None)?;

    let build = entry::make(cx, &entry, prepared.iter().any(Prepared::is_rpm))?;
    let dir = cx.env.paths.build(build.dir());
    leftover::clear(cx, &dir)?;
    let of_outputs = made_of.split_off(all.buildroots.len());
    let rooms = import_rooms(cx, &all.buildroots, &made_of, &cg)?;
    let mark = cx.mark();
    let done = import_files(cx, &build, prepared.into_iter().zip(&of_outputs), &rooms)
        .and_then(|()| write_notes(cx, &dir, &notes))
        .and_then(|()| files::write(cx, &dir.join("metadata.json"), raw.text.as_bytes()));
    if let Err(error) = done {
        cx.forget_since(mark);
        if !cx.is_what_if() {
            files::remove_now(&dir)?;
        }
        return Err(error);
    }
    links::of_call(cx, build.dir())?;
    hook(cx, "postImport", &raw, directory, Some(&build))?;
    Ok(build)
}

/// The one content generator of all buildroots.
fn generator(cx: &mut Cx<'_>, raw: &Raw) -> Result<Named> {
    let Generators { buildroots } = raw.typed()?;
    let mut names = buildroots.into_iter().map(|room| room.content_generator.name);
    let first = names
        .next()
        .ok_or_else(|| Error::parameter("the metadata has no buildroot, and so no content generator"))?;
    if names.any(|name| name != first) {
        return Err(Error::generic("Koji now support only one content-generator per import"));
    }
    speak::require(cx, &Lookup::from_value(&wire::to_value(&first)?)?)
}

/// Each log has a place of its own. (The database refuses archives and rpms that come twice.)
fn refuse_doubled_logs(all: &Metadata) -> Result<()> {
    let mut places = HashSet::new();
    for output in all.output.iter().filter(|output| output.is_log() && !output.metadata_only.0) {
        if !places.insert((output.below(), &output.filename)) {
            return Err(Error::generic(format!(
                "Error importing build log. {} comes twice",
                output.filename
            )));
        }
    }
    Ok(())
}

/// Every output names a buildroot of the metadata, and every buildroot has an output.
fn check_rooms(all: &Metadata) -> Result<()> {
    let of_outputs = all.output.iter().map(|output| &output.buildroot_id);
    for id in of_outputs.chain(all.buildroots.iter().map(|room| &room.id)) {
        if id.is_array() || id.is_object() {
            return Err(Error::unforeseen(format!("a buildroot can't have the id {id}")));
        }
    }
    for (at, room) in all.buildroots.iter().enumerate() {
        if !all.output.iter().any(|output| output.buildroot_id == room.id) {
            return Err(Error::generic(format!("Buildroot id not used in output: {}", room.id)));
        }
        if all.buildroots[..at].iter().any(|other| other.id == room.id) {
            return Err(Error::generic(format!("Duplicate buildroot id in metadata: {}", room.id)));
        }
    }
    let known = |id: &serde_json::Value| all.buildroots.iter().any(|room| room.id == *id);
    match all.output.iter().find(|output| !known(&output.buildroot_id)) {
        Some(output) => {
            Err(Error::generic(format!("Missing buildroot metadata for id {}", output.buildroot_id)))
        }
        None => Ok(()),
    }
}

/// The components of each buildroot and then of each output.
fn match_components(
    cx: &mut Cx<'_>,
    all: &Metadata,
    prepared: &[Prepared<'_>],
    notes: &mut Vec<String>,
) -> Result<Vec<Matched>> {
    let of_rooms = all.buildroots.iter().map(|room| room.components.as_slice());
    let told =
        |file: &Prepared<'_>| if file.is_archive() { file.output.components() } else { Ok(Vec::new()) };
    let of_outputs = prepared.iter().map(told).collect::<Result<Vec<_>>>()?;
    let lists: Vec<&[metadata::Component]> = of_rooms.chain(of_outputs.iter().map(Vec::as_slice)).collect();
    components::resolve(cx, &lists, notes)
}

fn about(entry: &Entry, cg: &Named) -> Map {
    vec![
        ("package".into(), entry.new.name.as_str().into()),
        ("version".into(), entry.new.version.as_str().into()),
        ("release".into(), entry.new.release.as_str().into()),
        ("source".into(), entry.new.source.clone().into()),
        ("cg_list".into(), Value::Array(vec![cg.id.into()])),
    ]
}

fn assert_policy(cx: &mut Cx<'_>, all: &Metadata, entry: &Entry, cg: &Named) -> Result<()> {
    let types = entry.types.keys().map(|name| name.as_str().into()).collect();
    let metadata_only = all.output.iter().any(|output| output.metadata_only.0);
    let mut data = about(entry, cg);
    data.push(("btypes".into(), Value::Array(types)));
    data.push(("draft".into(), entry.new.draft.into()));
    data.push(("metadata_only".into(), metadata_only.into()));
    policy::assert(cx, "cg_import", &data, false)
}

fn choose_volume(cx: &mut Cx<'_>, entry: &Entry, cg: &Named) -> Result<i32> {
    let mut data = about(entry, cg);
    data.push(("import".into(), true.into()));
    data.push(("import_type".into(), "cg".into()));
    Ok(volume::policy::for_import(cx, data, None)?.id)
}

/// The buildroots' ids by what the metadata calls them.
type Rooms<'m> = Vec<(&'m serde_json::Value, i32)>;

fn import_rooms<'m>(
    cx: &mut Cx<'_>,
    parts: &'m [BuildrootPart],
    made_of: &[Matched],
    cg: &Named,
) -> Result<Rooms<'m>> {
    let rooms = parts.iter().map(|part| room(part, cg)).collect::<Vec<_>>();
    let ids = external::make(cx, &rooms)?;
    let of_each = |of: fn(&Matched) -> &[i32]| -> Vec<(i32, &[i32])> {
        ids.iter().zip(made_of).map(|(id, matched)| (*id, of(matched))).collect()
    };
    external::fill(cx, &of_each(|matched| &matched.rpms), &of_each(|matched| &matched.archives))?;
    Ok(parts.iter().map(|part| &part.id).zip(ids).collect())
}

fn room<'m>(part: &'m BuildrootPart, cg: &Named) -> external::NewBuildroot<'m> {
    external::NewBuildroot {
        cg_id: cg.id,
        cg_version: &part.content_generator.version,
        container_type: part.container.kind.as_deref(),
        container_arch: part.container.arch.as_deref(),
        host_os: part.host.os.as_deref(),
        host_arch: part.host.arch.as_deref(),
        extra: part.extra.as_ref(),
        tools: part.tools.iter().map(|tool| (&*tool.name, &*tool.version)).collect(),
    }
}

fn import_files<'p>(
    cx: &mut Cx<'_>,
    build: &BuildRow,
    files: impl Iterator<Item = (Prepared<'p>, &'p Matched)>,
    rooms: &Rooms<'_>,
) -> Result<()> {
    let built = |(file, made_of): (Prepared<'p>, &'p Matched)| {
        let wanted = &file.output.buildroot_id;
        let room = rooms.iter().find(|(id, _)| *id == wanted).map(|(_, room)| *room);
        let room = room.ok_or_else(|| Error::generic(format!("Unable to map buildroot {wanted}")))?;
        Ok((file, room, made_of))
    };
    let files = files.map(built).collect::<Result<_>>()?;
    outputs::import(cx, build, files)
}

/// What could not be matched is kept with the build's logs.
fn write_notes(cx: &mut Cx<'_>, dir: &Path, notes: &[String]) -> Result<()> {
    if notes.is_empty() {
        return Ok(());
    }
    let text = format!("{}\nCG import was SUCCESSFUL.\n", notes.join("\n"));
    files::write(cx, &dir.join("data/logs/cg_import.log"), text.as_bytes())
}

fn hook(cx: &mut Cx<'_>, point: &str, raw: &Raw, directory: &str, build: Option<&BuildRow>) -> Result<()> {
    plugin::run(cx, point, |_| {
        let mut about: Map = vec![
            ("type".into(), "cg".into()),
            ("metadata".into(), wire::to_value(&raw.json)?),
            ("directory".into(), directory.into()),
        ];
        if let Some(build) = build {
            about.push(("build".into(), wire::to_value(build)?));
        }
        Ok(about)
    })
}
