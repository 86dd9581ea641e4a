//! `koji add-tag`

use koji_core::arch::{Separators, normalize};
use koji_core::wire::Value;

use crate::args;
use crate::commands::info::tag_extra;
use crate::context::Ctx;
use crate::stop::Outcome;
use crate::value::put;

/// Add a tag
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji add-tag --arches \"x86_64 aarch64\" f40-build")]
pub struct Args {
    /// The tag's name
    name: String,
    /// Inherit from this tag
    #[arg(long)]
    parent: Option<String>,
    /// The arches to build for
    #[arg(long)]
    arches: Option<String>,
    /// Allow Maven builds
    #[arg(long)]
    maven_support: bool,
    /// Put all Maven archives into the repo, not only the latest
    #[arg(long)]
    include_all: bool,
    /// Set an extra option
    #[arg(short = 'x', long, value_name = "key=value")]
    extra: Vec<String>,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    let mut opts = vec![];
    if let Some(parent) = &args.parent {
        put(&mut opts, "parent", parent);
    }
    if let Some(arches) = &args.arches {
        put(&mut opts, "arches", normalize(arches, Separators::Loose)?);
    }
    if args.maven_support {
        put(&mut opts, "maven_support", true);
    }
    if args.include_all {
        put(&mut opts, "maven_include_all", true);
    }
    if !args.extra.is_empty() {
        put(&mut opts, "extra", Value::Struct(tag_extra::parse(&args.extra, false)?));
    }
    ctx.login()?;
    ctx.require("tag")?;
    ctx.call_with("createTag", args![&args.name], opts)?;
    Ok(0)
}
