//! `koji rpminfo`

use koji_core::api::build::GetBuild;
use koji_core::api::buildroot::{GetBuildroot, ListBuildroots};
use koji_core::api::external_repo::GetExternalRepo;
use koji_core::api::rpm::{Arches, GetRpm, GetRpmHeaders, ListRpms};
use koji_core::db::{Lookup, QueryOpts};
use koji_core::paths::Paths;
use koji_core::rpm::RpmRef;
use koji_core::wire::Value;

use crate::context::Ctx;
use crate::files::rpm_path;
use crate::stop::{Outcome, Stop};
use crate::value::{View as _, item_at};
use crate::{line, python, when};

/// Show what an rpm is
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji rpminfo --buildroots bash-5.2-1.fc40.x86_64")]
pub struct Args {
    /// The rpms: name-version-release.arch or id
    #[arg(required = true, value_name = "n-v-r.a|id")]
    rpm: Vec<String>,
    /// Show the buildroots it was used in
    #[arg(long)]
    buildroots: bool,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    let mut code = 0;
    let mut found = vec![];
    for name in &args.rpm {
        let info = ctx.ask(GetRpm::new(RpmRef::read(name)?))?;
        if info.is_nil() {
            ctx.warn(format!("No such rpm: {name}\n"))?;
            code = 1;
        } else if ctx.settings.json {
            found.push(info);
        } else {
            write(ctx, &info)?;
            if args.buildroots {
                write_uses(ctx, &info)?;
            }
        }
    }
    if ctx.settings.json {
        ctx.json(&Value::Array(found))?;
    }
    Ok(code)
}

fn write(ctx: &mut Ctx<'_>, info: &Value) -> Result<(), Stop> {
    let external = info.int("external_repo_id") != 0;
    line!(ctx, "RPM: {}{}.{} [{}]", epoch(info), info.nvr(), info.str("arch"), info.int("id"));
    if info.has("draft") {
        line!(ctx, "Draft: YES");
    }
    if external {
        let repo = ctx.ask(GetExternalRepo::new(Lookup::from(info.int("external_repo_id"))))?;
        line!(ctx, "External Repository: {} [{}]", repo.str("name"), repo.int("id"));
        line!(ctx, "External Repository url: {}", repo.str("url"));
    } else {
        write_build(ctx, info)?;
    }
    line!(ctx, "SIGMD5: {}", info.show("payloadhash"));
    line!(ctx, "Size: {}", info.show("size"));
    if !external {
        let headers = ctx.ask(GetRpmHeaders {
            rpmID: info.int("id").into(),
            headers: Some(vec![Value::from("license")].into()),
            ..GetRpmHeaders::new()
        })?;
        if headers.get("license").is_some() {
            line!(ctx, "License: {}", headers.show("license"));
        }
        line!(ctx, "Build ID: {}", info.show("build_id"));
    }
    write_origin(ctx, info)?;
    if info.has("extra") {
        line!(ctx, "Extra: {}", python::repr(info.at("extra")));
    }
    Ok(())
}

fn epoch(info: &Value) -> String {
    info.at("epoch").as_int().map(|epoch| format!("{epoch}:")).unwrap_or_default()
}

fn write_build(ctx: &mut Ctx<'_>, info: &Value) -> Result<(), Stop> {
    let top = Paths::new(&ctx.settings.topdir);
    let build = ctx.ask(GetBuild::new(info.int("build_id")))?;
    let source = if info.str("arch") == "src" {
        info.clone()
    } else {
        let (build, arches) = (Some(info.int("build_id")), Arches(Some(vec!["src".to_owned()])));
        item_at(&ctx.ask(ListRpms { buildID: build, arches, ..ListRpms::new() })?, 0).clone()
    };
    line!(ctx, "Build: {} [{}]", build.str("nvr"), build.int("id"));
    line!(ctx, "RPM Path: {}", rpm_path(&top, &build, info));
    if source.is_nil() {
        line!(ctx, "SRPM: (none)");
        line!(ctx, "SRPM Path: (none)");
    } else {
        line!(ctx, "SRPM: {}{} [{}]", epoch(&source), source.nvr(), source.int("id"));
        line!(ctx, "SRPM Path: {}", rpm_path(&top, &build, &source));
    }
    line!(ctx, "Built: {}", when::long(info.float("buildtime")));
    Ok(())
}

fn write_origin(ctx: &mut Ctx<'_>, info: &Value) -> Result<(), Stop> {
    let Some(id) = info.at("buildroot_id").as_int() else {
        line!(ctx, "No buildroot data available");
        return Ok(());
    };
    let root = ctx.ask(GetBuildroot::new(id))?;
    // type 0 is a host's own buildroot, others come from content generators
    if root.int("br_type") == 0 {
        line!(
            ctx,
            "Buildroot: {} (tag {}, arch {}, repo {})",
            root.int("id"),
            root.show("tag_name"),
            root.show("arch"),
            root.int("repo_id")
        );
        line!(ctx, "Build Host: {}", root.show("host_name"));
        line!(ctx, "Build Task: {}", root.int("task_id"));
    } else {
        line!(ctx, "Content generator: {}", root.show("cg_name"));
        line!(ctx, "Buildroot: {}", root.int("id"));
        line!(ctx, "Build Host OS: {} ({})", root.show("host_os"), root.show("host_arch"));
    }
    Ok(())
}

fn write_uses(ctx: &mut Ctx<'_>, info: &Value) -> Result<(), Stop> {
    let order = QueryOpts { order: Some("buildroot.id".to_owned()), ..QueryOpts::default() };
    let roots =
        ctx.ask(ListBuildroots { rpmID: Some(info.int("id")), queryOpts: order, ..ListBuildroots::new() })?;
    line!(ctx, "Used in {} buildroots:", roots.items().len());
    if roots.is_true() {
        line!(ctx, "  {:>8} {:<28} {:<8} {:<29}", "id", "build tag", "arch", "build host");
        line!(ctx, "  {} {} {} {}", "-".repeat(8), "-".repeat(28), "-".repeat(8), "-".repeat(29));
    }
    for root in roots.items() {
        let (tag, arch, host) = (root.show("tag_name"), root.show("arch"), root.show("host_name"));
        line!(ctx, "  {:>8} {tag:<28} {arch:<8} {host:<29}", root.int("id"));
    }
    Ok(())
}
