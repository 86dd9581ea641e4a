//! `koji download-build`

use koji_core::api::archive::ListArchives;
use koji_core::api::build::{GetBuild, ListBuilds};
use koji_core::api::rpm::{Arches, GetRpm, ListRpms};
use koji_core::api::signature::QueryRpmSigs;
use koji_core::api::tagged::{Count, ListTagged};
use koji_core::build::BuildRef;
use koji_core::client::Expected;
use koji_core::rpm::RpmRef;
use koji_core::tag::listing::Latest;
use std::path::Path;

use koji_core::nvr::{Nvra, is_debuginfo};
use koji_core::paths::{self, Paths};
use koji_core::wire::Value;

use crate::context::Ctx;
use crate::files::{Downloads, HubFile, Manner, archive_path, build_dir, rpm_file, rpm_path};
use crate::stop::{Outcome, Stop};
use crate::value::{View as _, into_items, item_at};

/// Download the files of a build
///
/// A scratch build is no build of this kind; "koji download-task" fetches its files.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji download-build --arch x86_64 --arch noarch bash-5.2-1.fc40")]
pub struct Args {
    /// The build: name-version-release or id
    #[arg(value_name = "n-v-r|build_id")]
    build: String,
    /// Only rpms of this arch
    #[arg(short, long = "arch", value_name = "ARCH")]
    arches: Vec<String>,
    /// Archives of this type instead of rpms
    #[arg(long = "type")]
    btype: Option<String>,
    /// The latest build of the package in this tag
    #[arg(long)]
    latestfrom: Option<String>,
    /// Debuginfo as well
    #[arg(long)]
    debuginfo: bool,
    /// The id is a task's; its build
    #[arg(long)]
    task_id: bool,
    /// The name is an rpm's; only this rpm
    #[arg(long)]
    rpm: bool,
    /// Rpms signed with this key
    #[arg(long)]
    key: Option<String>,
    /// With --key: unsigned rpms where there are no signed ones
    #[arg(long)]
    fallback_unsigned: bool,
    /// The URL of the hub's files
    #[arg(long, value_name = "URL")]
    topurl: Option<String>,
    /// Show no progress
    #[arg(long)]
    noprogress: bool,
    /// An arch without rpms is no error
    #[arg(long)]
    nofailarch: bool,
    /// Tell less
    #[arg(short, long)]
    quiet: bool,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    let (build, single) = find(ctx, &args)?;
    let topurl = args.topurl.clone().unwrap_or_else(|| ctx.settings.topurl.clone());
    if topurl.is_empty() {
        return Err(Stop::told("You must specify --topurl to download files"));
    }
    // paths below the hub's top directory, wherever that is
    let top = Paths::new("");
    let how = Manner { quiet: args.quiet || ctx.settings.quiet, noprogress: args.noprogress };
    if let Some(kind) = &args.btype {
        let archives = into_items(ctx.ask(ListArchives {
            buildID: Some(build.int("id")),
            r#type: Some(kind.clone()),
            ..ListArchives::new()
        })?);
        if archives.is_empty() {
            return Err(Stop::told(format!("No {kind} archives available for {}", build.nvr())));
        }
        let mut downloads = Downloads::new(ctx, &topurl, how, archives.len());
        for archive in &archives {
            fetch_archive(ctx, &mut downloads, &top, (&build, archive))?;
        }
        return Ok(0);
    }
    let rpms = choose(ctx, &args, &build, single)?;
    let rpms = with_keys(ctx, &args, rpms)?;
    let mut downloads = Downloads::new(ctx, &topurl, how, rpms.len());
    for (rpm, key) in &rpms {
        let wanted = Wanted { build: &build, rpm, key: key.as_deref(), fallback: args.fallback_unsigned };
        fetch_rpm(ctx, &mut downloads, &top, &wanted)?;
    }
    Ok(0)
}

/// The build that is meant, and the rpm if one was named with --rpm.
fn find(ctx: &mut Ctx<'_>, args: &Args) -> Result<(Value, Option<Value>), Stop> {
    let name = &args.build;
    // what names no build may still name an rpm, or with --latestfrom a package
    let mut key = BuildRef::read(name);
    if let Ok(BuildRef::Id(id)) = key {
        if args.latestfrom.is_some() {
            return Err(Stop::usage("--latestfrom not compatible with build IDs, specify a package name."));
        }
        if args.task_id {
            let builds = ctx.ask(ListBuilds { taskID: Some(id), ..ListBuilds::new() })?;
            if !builds.is_true() {
                return Err(Stop::told(format!(
                    "No associated builds for task {id}\nIf this is a scratch build, try using \
                     download-task instead"
                )));
            }
            key = Ok(item_at(&builds, 0).int("build_id").into());
        }
    }
    if let Some(tag) = &args.latestfrom {
        let wanted = ListTagged {
            latest: Count(Latest::First(1)),
            package: Some(name.clone()),
            r#type: args.btype.clone(),
            ..ListTagged::new(tag)
        };
        let builds = match ctx.ask(wanted) {
            Err(Stop::Fault(error)) => {
                return Err(Stop::told(format!("Error finding latest build: {error}")));
            }
            other => other?,
        };
        return match builds.items().first() {
            Some(build) => Ok((build.clone(), None)),
            None => Err(Stop::told(format!("{tag} has no builds of {name}"))),
        };
    }
    let mut single = None;
    if args.rpm {
        let rpm = ctx.ask(GetRpm::new(RpmRef::read(name)?))?;
        if rpm.is_nil() {
            return Err(Stop::told(format!("No such rpm: {name}")));
        }
        key = Ok(rpm.int("build_id").into());
        single = Some(rpm);
    } else if let Ok(nvra) = Nvra::parse(name) {
        // the name of an rpm stands for its build
        if let Ok(rpm) = ctx.ask(GetRpm::new(RpmRef::from(&nvra)))
            && rpm.is_true()
        {
            key = Ok(rpm.int("build_id").into());
        }
    }
    let build = ctx.ask(GetBuild::new(key?))?;
    if build.is_nil() {
        return Err(Stop::told(format!("No such build: {name}")));
    }
    Ok((build, single))
}

fn choose(ctx: &mut Ctx<'_>, args: &Args, build: &Value, single: Option<Value>) -> Result<Vec<Value>, Stop> {
    let mut rpms = match single {
        Some(rpm) => vec![rpm],
        None => {
            let arches = Arches((!args.arches.is_empty()).then(|| args.arches.clone()));
            into_items(ctx.ask(ListRpms { buildID: Some(build.int("id")), arches, ..ListRpms::new() })?)
        }
    };
    if rpms.is_empty() && args.arches.is_empty() {
        return Err(Stop::told(format!("No packages available for {}", build.nvr())));
    }
    if rpms.is_empty() && !args.nofailarch {
        let arches = args.arches.join(" or ");
        return Err(Stop::told(format!("No {arches} packages available for {}", build.nvr())));
    }
    rpms.retain(|rpm| args.debuginfo || !is_debuginfo(rpm.str("name")));
    Ok(rpms)
}

/// The rpms with the key of the copy to fetch.
fn with_keys(ctx: &mut Ctx<'_>, args: &Args, rpms: Vec<Value>) -> Result<Vec<(Value, Option<String>)>, Stop> {
    let Some(key) = &args.key else {
        return Ok(rpms.into_iter().map(|rpm| (rpm, None)).collect());
    };
    let calls = rpms.iter().map(|rpm| QueryRpmSigs {
        rpm_id: rpm.int("id").into(),
        sigkey: Some(key.clone()),
        ..QueryRpmSigs::new()
    });
    let found = ctx.multicall_strict(calls)?;
    let mut signed = vec![];
    let mut unsigned = vec![];
    for (rpm, signatures) in rpms.into_iter().zip(found) {
        if signatures.is_true() {
            signed.push((rpm, Some(key.clone())));
            continue;
        }
        ctx.warn(format!("No such sigkey {key} for rpm {}-{}.rpm", rpm.nvr(), rpm.str("arch")))?;
        if args.fallback_unsigned {
            unsigned.push((rpm, None));
        }
    }
    signed.append(&mut unsigned);
    Ok(signed)
}

struct Wanted<'a> {
    build: &'a Value,
    rpm: &'a Value,
    key: Option<&'a str>,
    fallback: bool,
}

fn fetch_rpm(
    ctx: &mut Ctx<'_>,
    downloads: &mut Downloads,
    top: &Paths,
    wanted: &Wanted<'_>,
) -> Result<(), Stop> {
    let Wanted { build, rpm, key, fallback } = wanted;
    let plain = rpm_path(top, build, rpm);
    let dest = plain.rsplit('/').next().unwrap_or_default().to_owned();
    let whole = HubFile { path: &plain, dest: &dest, expected: &Expected::of_rpm(rpm) };
    let Some(key) = key else { return downloads.fetch(ctx, whole) };
    let dir = top.build(build_dir(build));
    let path = format!("{}/{}", dir.display(), paths::signed(rpm_file(rpm), key));
    let signed = HubFile { path: &path, dest: &dest, expected: &Expected::of_signed(rpm) };
    if !fallback {
        return downloads.fetch(ctx, signed);
    }
    if downloads.find(ctx, signed)? {
        return Ok(());
    }
    // the hub may still know of a signed copy that was cleaned away
    ctx.warn("Signed copy not present, will download unsigned copy")?;
    downloads.instead();
    downloads.fetch(ctx, whole)
}

fn fetch_archive(
    ctx: &mut Ctx<'_>,
    downloads: &mut Downloads,
    top: &Paths,
    (build, archive): (&Value, &Value),
) -> Result<(), Stop> {
    let kind = archive.str("btype");
    let path = archive_path(top, build, archive, kind);
    let dest = match kind {
        "maven" => format!(
            "{}/{}",
            paths::maven_repo(archive.str("group_id"), archive.str("artifact_id"), archive.str("version")),
            archive.str("filename")
        ),
        "win" => paths::win_file(archive.str("relpath"), archive.str("filename")),
        _ => archive.str("filename").to_owned(),
    };
    if Path::new(&dest).components().any(|part| !matches!(part, std::path::Component::Normal(_))) {
        return Err(Stop::told(format!("Invalid file name: {dest}")));
    }
    downloads.fetch(ctx, HubFile { path: &path, dest: &dest, expected: &Expected::of_archive(archive)? })
}
