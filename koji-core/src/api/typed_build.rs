//! Methods about the types of builds: Maven, Windows, images and those that content generators bring.

use super::args::Arg;
use super::build::epoch;
use super::cast::NameText;
use super::column::ColumnText;
use crate::build::btype::{self, BuildType};
use crate::build::create::{self, NewBuild};
use crate::build::typed::{self, ImageBuild, MavenBuild, MavenInfo, WinBuild};
use crate::build::{BuildRef, BuildRow, promote, promoted, row};
use crate::context::Cx;
use crate::db::{QueryOpts, Rows};
use crate::methods;
use crate::nvr::Nvr;
use crate::wire::{Map, Value};
use crate::{Error, Result};

methods! {
    /// The Maven part of a build.
    read Anyone => GetMavenBuild "getMavenBuild" (buildInfo: BuildRef, strict: bool = false) -> Option<MavenBuild>
        = |m, cx| typed::answer(cx, "maven_builds", "maven", &m.buildInfo, m.strict);

    /// The Windows part of a build.
    read Anyone => GetWinBuild "getWinBuild" (buildInfo: BuildRef, strict: bool = false) -> Option<WinBuild>
        = |m, cx| typed::answer(cx, "win_builds", "Windows", &m.buildInfo, m.strict);

    /// The image part of a build.
    read Anyone => GetImageBuild "getImageBuild" (buildInfo: BuildRef, strict: bool = false) -> Option<ImageBuild>
        = |m, cx| typed::answer(cx, "image_builds", "image", &m.buildInfo, m.strict);

    /// Makes a build a Maven build; the build is made if there is none.
    write Perm("maven-import") => CreateMavenBuild "createMavenBuild" (build_info: Value, maven_info: Value) -> ()
        = |m, cx| {
            require(cx, "EnableMaven", "Maven")?;
            let build = ensure(cx, &m.build_info)?;
            typed::make_maven(cx, &build, &m.maven_info)
        };

    /// Makes a build a Windows build; the build is made if there is none.
    write Perm("win-import") => CreateWinBuild "createWinBuild" (build_info: Value, win_info: Value) -> ()
        = |m, cx| {
            require(cx, "EnableWin", "Windows")?;
            let build = ensure(cx, &m.build_info)?;
            typed::make_win(cx, &build, &m.win_info)
        };

    /// Makes a build an image build; the build is made if there is none.
    write Perm("image-import") => CreateImageBuild "createImageBuild" (build_info: Value) -> ()
        = |m, cx| { let build = ensure(cx, &m.build_info)?; typed::make_image(cx, &build) };

    /// All build types, or the one of a `name` or an `id`.
    read Anyone => ListBTypes "listBTypes" (query: Option<Map> = None, queryOpts: QueryOpts = QueryOpts::default())
        -> Rows<BuildType>
        = |m, cx| {
            let query = Value::Struct(m.query.unwrap_or_default());
            let name = query.get("name").map(|name| String::take(name.clone())).transpose()?;
            let id = query.get("id").map(|id| i64::take(id.clone())).transpose()?;
            btype::list(cx, name.as_deref(), id, &m.queryOpts)
        };

    /// Makes a build type.
    write Perm("admin") => AddBType "addBType" (name: NameText) -> () = |m, cx| btype::create(cx, &m.name.0);

    /// Makes a draft build a regular one.
    write User => PromoteBuild "promoteBuild" (build: BuildRef, force: bool = false) -> BuildRow
        = |m, cx| promote::promote(cx, &m.build, m.force);

    /// The regular build that stands where a draft is meant to go.
    read Anyone => GetPromotedBuild "getPromotedBuild" (build: BuildRef, safe: bool = false) -> Option<BuildRow>
        = |m, cx| promoted::find(cx, &m.build, m.safe);
}

/// Refuses what the hub's configuration has switched off.
pub(super) fn require(cx: &Cx<'_>, option: &str, what: &str) -> Result<()> {
    if cx.env.config.flag(option) {
        return Ok(());
    }
    Err(Error::generic(format!("{what} support not enabled")))
}

/// A build, or a new one from a struct with name, version, release and epoch.
fn ensure(cx: &mut Cx<'_>, info: &Value) -> Result<BuildRow> {
    let wanted = BuildRef::take(info.clone())?;
    if let Some(build) = row::find(cx, &wanted)? {
        typed::refuse_draft(&build)?;
        return Ok(build);
    }
    if !matches!(info, Value::Struct(_)) {
        return Err(Error::generic(format!(
            "No such build: {wanted} (give a struct with name, version, release and epoch to make it)"
        )));
    }
    if info.get("draft").is_some_and(Value::is_true) {
        return Err(Error::generic("Draft build not supported"));
    }
    let epoch_value =
        info.get("epoch").ok_or_else(|| Error::generic("Build info doesn't have mandatory epoch key"))?;
    let new = NewBuild::of(nvr_of(&wanted)?, epoch(epoch_value)?);
    let id = create::create(cx, &new)?;
    row::get(cx, &BuildRef::from(id))
}

fn nvr_of(build: &BuildRef) -> Result<Nvr> {
    match build {
        BuildRef::Nvr(nvr) => Ok(nvr.clone()),
        BuildRef::Id(_) => Err(build.missing()),
    }
}

/// What Maven calls a build, from a client's struct.
pub(super) fn maven_info(info: &Map) -> Result<MavenInfo> {
    let of = |key: &str| {
        let given = info.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone());
        // a number is as good as text, for a version may look like one
        given
            .and_then(|value| ColumnText::take(value).ok())
            .map(|text| text.0)
            .ok_or_else(|| Error::generic(format!("Maven info doesn't have mandatory {key} key")))
    };
    Ok(MavenInfo { group_id: of("group_id")?, artifact_id: of("artifact_id")?, version: of("version")? })
}
