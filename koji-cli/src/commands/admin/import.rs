//! `koji import`

use koji_core::api::build::{CreateEmptyBuild, GetBuild};
use koji_core::api::rpm::{GetRpm, ImportRpm};
use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};

use koji_core::Error;
use koji_core::nvr::{Nvr, Nvra};
use koji_core::paths::Paths;
use koji_core::rpm::RpmFile;
use koji_core::rpm::lookup::RpmRef;
use koji_core::wire::Value;

use crate::context::Ctx;
use crate::stop::{Outcome, Stop};
use crate::value::View as _;
use crate::{files, line};

/// Import rpms that were built elsewhere
///
/// The source rpm of a build goes first, or the build exists, or --create-build makes an empty one.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji import bash-5.2-1.src.rpm bash-5.2-1.x86_64.rpm")]
pub struct Args {
    /// The rpms
    #[arg(required = true)]
    package: Vec<PathBuf>,
    /// Link the files into the hub's directory instead of uploading them
    #[arg(long)]
    link: bool,
    /// Import nothing, tell what would be imported
    #[arg(long)]
    test: bool,
    /// Make builds that do not exist
    #[arg(long)]
    create_build: bool,
    /// The epoch of builds that are made, or "none"
    #[arg(long)]
    src_epoch: Option<String>,
    /// Not used any more
    #[arg(long, hide = true)]
    sigkey: Option<String>,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    if args.sigkey.is_some() {
        return Err(Stop::usage("--sigkey has no effect on imports; use import-sig afterwards"));
    }
    let src_epoch = match args.src_epoch.as_deref() {
        None | Some("None" | "none" | "(none)") => None,
        Some(text) => {
            Some(text.parse::<i64>().map_err(|_| Stop::usage(format!("Invalid value for epoch: {text}")))?)
        }
    };
    let mut builds: BTreeMap<String, Vec<RpmFile>> = BTreeMap::new();
    for path in &args.package {
        let rpm = RpmFile::open(path)?;
        builds.entry(build_of(&rpm)?).or_default().push(rpm);
    }
    ctx.login()?;
    let mut missing = false;
    for (nvr, rpms) in &mut builds {
        rpms.sort_by(|left, right| left.path.cmp(&right.path));
        if !rpms.iter().any(RpmFile::is_source) && ctx.ask(GetBuild::new(Nvr::parse(nvr)?))?.is_nil() {
            line!(ctx, "Missing build or srpm: {nvr}");
            missing = true;
        }
    }
    if missing && !args.create_build {
        line!(ctx, "Aborting import");
        return Ok(0);
    }
    for (nvr, rpms) in &builds {
        import_build(ctx, &args, src_epoch, (nvr, rpms))?;
    }
    Ok(0)
}

/// The build an rpm belongs to.
fn build_of(rpm: &RpmFile) -> Result<String, Stop> {
    match &rpm.sourcerpm {
        Some(source) if !rpm.is_source() => {
            let source = Nvra::parse(source)?;
            Ok(format!("{}-{}-{}", source.name, source.version, source.release))
        }
        _ if rpm.is_source() => Ok(rpm.nvr()),
        _ => Err(Error::generic(format!("{} names no source rpm", rpm.path.display())).into()),
    }
}

fn import_build(
    ctx: &mut Ctx<'_>,
    args: &Args,
    src_epoch: Option<i64>,
    (nvr, rpms): (&String, &Vec<RpmFile>),
) -> Result<(), Stop> {
    let build = ctx.ask(GetBuild::new(Nvr::parse(nvr)?))?;
    let state = build.at("state").as_int();
    let complete = state == Some(1);
    match state {
        None | Some(1) => {}
        Some(state @ (3 | 4)) if !args.create_build => {
            line!(ctx, "Build {nvr} state is {}. Skipping import", state_name(state));
            return Ok(());
        }
        Some(3 | 4) => {}
        Some(state) => {
            line!(ctx, "Build {nvr} exists with state={}. Skipping import", state_name(state));
            return Ok(());
        }
    }
    let mut need_build = !complete;
    for rpm in rpms.iter().filter(|rpm| rpm.is_source()) {
        if build.is_true() && !complete && !args.test {
            create_build(ctx, nvr, rpm.epoch)?;
        }
        import_rpm(ctx, args, rpm)?;
        need_build = false;
    }
    if need_build {
        if !args.create_build {
            line!(ctx, "No such build: {nvr} (include matching srpm or use --create-build option to add it)");
            return Ok(());
        }
        if args.test {
            line!(ctx, "Test mode -- would have created empty build: {nvr}");
        } else {
            let epoch = src_epoch.or_else(|| rpms.first().and_then(|rpm| rpm.epoch));
            create_build(ctx, nvr, epoch)?;
        }
    }
    for rpm in rpms.iter().filter(|rpm| !rpm.is_source()) {
        import_rpm(ctx, args, rpm)?;
    }
    Ok(())
}

fn create_build(ctx: &mut Ctx<'_>, nvr: &str, epoch: Option<i64>) -> Result<(), Stop> {
    line!(ctx, "Creating empty build: {nvr}");
    let Nvr { name, version, release, .. } = Nvr::parse(nvr)?;
    let epoch = epoch.map_or(Value::Nil, Value::Int);
    ctx.call(CreateEmptyBuild::new(name, version, release, epoch))?;
    Ok(())
}

fn import_rpm(ctx: &mut Ctx<'_>, args: &Args, rpm: &RpmFile) -> Result<(), Stop> {
    let path = rpm.path.display().to_string();
    let name = RpmRef::read(&format!("{}.{}", rpm.nvr(), rpm.src_arch()))?;
    let before = ctx.ask(GetRpm::new(name))?;
    if before.is_true() && before.int("external_repo_id") == 0 {
        if before.str("payloadhash") == rpm.payloadhash {
            line!(ctx, "RPM already imported: {path}");
        } else {
            ctx.warn(format!("md5sum mismatch for {path}"))?;
            ctx.warn("  A different rpm with the same name has already been imported")?;
            ctx.warn(format!(
                "  Existing sigmd5 is '{}', your import has '{}'",
                before.str("payloadhash"),
                rpm.payloadhash
            ))?;
        }
        line!(ctx, "Skipping import");
        return Ok(());
    }
    if args.test {
        line!(ctx, "Test mode -- skipping import for {path}");
        return Ok(());
    }
    let dir = files::unique_dir("cli-import")?;
    if args.link {
        link(ctx, &rpm.path, &dir)?;
    } else {
        write!(ctx.out, "uploading {path}... ")?;
        files::upload(ctx, &rpm.path, &dir, false)?;
        line!(ctx, "done");
    }
    write!(ctx.out, "importing {path}... ")?;
    ctx.out.flush()?;
    let file = rpm.path.file_name().unwrap_or_default().to_string_lossy();
    match ctx.ask(ImportRpm::new(dir, file)) {
        Ok(_) => line!(ctx, "done"),
        Err(Stop::Fault(error)) => {
            line!(ctx, "\nError importing: {}", error.message.lines().last().unwrap_or_default());
        }
        Err(other) => return Err(other),
    }
    Ok(())
}

/// Links a file into the hub's work directory, with the owner that the directory has.
fn link(ctx: &mut Ctx<'_>, file: &Path, dir: &str) -> Result<(), Stop> {
    let work = Paths::new(&ctx.settings.topdir).work(None);
    let dir = work.join(dir);
    let owner = std::fs::metadata(&work).map_err(|error| Error::io(&work, error))?;
    std::fs::create_dir_all(&dir).map_err(|error| Error::io(&dir, error))?;
    chown(&dir, Some(owner.uid()), Some(owner.gid())).map_err(|error| Error::io(&dir, error))?;
    let name = file.file_name().unwrap_or_default();
    let dest = dir.join(name);
    line!(ctx, "Linking rpm to: {}", dest.display());
    std::fs::hard_link(file, &dest).map_err(|error| Error::io(&dest, error))?;
    Ok(())
}

/// Koji's name of a build's state.
pub fn state_name(state: i64) -> &'static str {
    let names = ["BUILDING", "COMPLETE", "DELETED", "FAILED", "CANCELED"];
    usize::try_from(state).ok().and_then(|state| names.get(state)).copied().unwrap_or("BADSTATE")
}
