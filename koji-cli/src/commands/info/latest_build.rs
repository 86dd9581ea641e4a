//! `koji latest-build`

use koji_core::api::tagged::{Arches, GetLatestBuilds, GetLatestRpms};
use koji_core::paths::Paths;
use koji_core::wire::Value;

use super::list_tagged::{build_line, write_header};
use crate::context::Ctx;
use crate::files::rpm_path;
use crate::line;
use crate::stop::{Outcome, Stop};
use crate::value::{View as _, item_at};

/// Show the latest builds in a tag
///
/// It wants the name of a tag; of a target, "koji list-targets" tells the tags.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji latest-build f40 bash")]
pub struct Args {
    /// The tag
    tag: String,
    /// The packages
    package: Vec<String>,
    /// Rpms of this arch instead of builds
    #[arg(long)]
    arch: Option<String>,
    /// All packages of the tag
    #[arg(long)]
    all: bool,
    /// No header
    #[arg(long)]
    quiet: bool,
    /// Paths instead of names
    #[arg(long)]
    paths: bool,
    /// Builds of a type: maven, win, image
    #[arg(long = "type")]
    btype: Option<String>,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    if args.all && !args.package.is_empty() {
        return Err(Stop::usage("A package name may not be combined with --all"));
    }
    if !args.all && args.package.is_empty() {
        return Err(Stop::usage("A tag name and package name must be specified"));
    }
    let top = Paths::new(&ctx.settings.topdir);
    let top = args.paths.then_some(&top);
    let kind = args.btype.as_deref();
    let mut packages: Vec<Option<&String>> = args.package.iter().map(Some).collect();
    if args.all {
        packages.push(None);
    }
    let mut header = !(args.quiet || ctx.settings.quiet || args.arch.is_some() || ctx.settings.json);
    let mut found = vec![];
    for package in packages {
        let package = package.cloned();
        let mut lines: Vec<String> = if let Some(arch) = &args.arch {
            let arch = Arches(vec![arch.clone()]);
            let data = ctx.ask(GetLatestRpms { package, arch, ..GetLatestRpms::new(&args.tag) })?;
            found.extend(item_at(&data, 0).items().to_vec());
            rpm_lines(&data, top)
        } else {
            let r#type = args.btype.clone();
            let data = ctx.ask(GetLatestBuilds { package, r#type, ..GetLatestBuilds::new(&args.tag) })?;
            if header {
                write_header(ctx, kind)?;
                header = false;
            }
            found.extend(data.items().to_vec());
            data.items().iter().map(|build| build_line(build, kind, top)).collect()
        };
        lines.sort();
        for text in lines.iter().filter(|_| !ctx.settings.json) {
            line!(ctx, "{text}");
        }
    }
    if ctx.settings.json {
        ctx.json(&Value::Array(found))?;
    }
    Ok(0)
}

fn rpm_lines(data: &Value, top: Option<&Paths>) -> Vec<String> {
    let builds = item_at(data, 1).items();
    let text = |rpm: &Value| match top {
        None => format!("{}.{}", rpm.nvr(), rpm.str("arch")),
        Some(top) => {
            let build = builds.iter().find(|build| build.int("build_id") == rpm.int("build_id"));
            rpm_path(top, build.unwrap_or(rpm), rpm)
        }
    };
    item_at(data, 0).items().iter().map(text).collect()
}
