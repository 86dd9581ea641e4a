//! `koji edit-tag`

use koji_core::api::tag::EditTag2;
use koji_core::arch::{Separators, normalize};
use koji_core::wire::Value;

use crate::commands::info::tag_extra;
use crate::context::Ctx;
use crate::stop::Outcome;
use crate::value::put;

/// Change a tag
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji edit-tag -x mock.package_manager=dnf5 f40-build")]
pub struct Args {
    /// The tag's name
    name: String,
    /// The arches to build for
    #[arg(long)]
    arches: Option<String>,
    /// Require this permission for tagging
    #[arg(long)]
    perm: Option<String>,
    /// Require no permission for tagging
    #[arg(long)]
    no_perm: bool,
    /// Lock the tag
    #[arg(long)]
    lock: bool,
    /// Unlock the tag
    #[arg(long)]
    unlock: bool,
    /// Give the tag another name
    #[arg(long)]
    rename: Option<String>,
    /// Allow Maven builds
    #[arg(long)]
    maven_support: bool,
    /// Allow no Maven builds
    #[arg(long)]
    no_maven_support: bool,
    /// Put all Maven archives into the repo
    #[arg(long)]
    include_all: bool,
    /// Put only the latest Maven archives into the repo
    #[arg(long)]
    no_include_all: bool,
    /// Set an extra option
    #[arg(short = 'x', long, value_name = "key=value")]
    extra: Vec<String>,
    /// Remove an extra option
    #[arg(short, long, value_name = "key")]
    remove_extra: Vec<String>,
    /// Block an inherited extra option
    #[arg(short, long, value_name = "key")]
    block_extra: Vec<String>,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    let mut opts = vec![];
    if let Some(arches) = &args.arches {
        put(&mut opts, "arches", normalize(arches, Separators::Loose)?);
    }
    match &args.perm {
        _ if args.no_perm => put(&mut opts, "perm", Value::Nil),
        Some(perm) => put(&mut opts, "perm", perm),
        None => {}
    }
    // of two options that contradict each other, the later in this list wins
    let flags = [
        (args.unlock && !args.lock, "locked", false),
        (args.lock, "locked", true),
        (args.maven_support && !args.no_maven_support, "maven_support", true),
        (args.no_maven_support, "maven_support", false),
        (args.include_all && !args.no_include_all, "maven_include_all", true),
        (args.no_include_all, "maven_include_all", false),
    ];
    for (_, name, value) in flags.iter().filter(|(given, ..)| *given) {
        put(&mut opts, name, *value);
    }
    if let Some(name) = &args.rename {
        put(&mut opts, "name", name);
    }
    if !args.extra.is_empty() {
        put(&mut opts, "extra", Value::Struct(tag_extra::parse(&args.extra, true)?));
    }
    for (name, keys) in [("remove_extra", &args.remove_extra), ("block_extra", &args.block_extra)] {
        if !keys.is_empty() {
            put(&mut opts, name, keys);
        }
    }
    ctx.login()?;
    ctx.call(EditTag2 { kwargs: opts, ..EditTag2::new(&args.name) })?;
    Ok(0)
}
