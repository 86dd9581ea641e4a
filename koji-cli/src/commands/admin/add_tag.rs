//! `koji add-tag`

use koji_core::api::tag::CreateTag;
use koji_core::arch::{Separators, normalize};
use koji_core::db::Lookup;
use koji_core::tag::create::Arches;

use crate::commands::info::tag_extra;
use crate::context::Ctx;
use crate::stop::Outcome;

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
    let mut tag = CreateTag {
        parent: args.parent.map(Lookup::from).into(),
        maven_support: args.maven_support.into(),
        maven_include_all: args.include_all.into(),
        ..CreateTag::new(args.name)
    };
    if let Some(arches) = &args.arches {
        tag.arches = Arches::Text(normalize(arches, Separators::Loose)?);
    }
    if !args.extra.is_empty() {
        tag.extra = Some(tag_extra::parse(&args.extra, false)?);
    }
    ctx.login()?;
    ctx.require("tag")?;
    ctx.call(tag)?;
    Ok(0)
}
