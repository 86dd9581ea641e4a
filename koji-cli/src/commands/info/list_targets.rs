//! `koji list-targets`

use koji_core::api::target::GetBuildTargets;
use koji_core::wire::Value;

use crate::context::Ctx;
use crate::line;
use crate::stop::{Outcome, Stop};
use crate::value::{View as _, sorted_by};

/// List build targets
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji list-targets --name f40-candidate")]
pub struct Args {
    /// Only this target
    #[arg(long)]
    name: Option<String>,
    /// No header
    #[arg(long)]
    quiet: bool,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    let info = args.name.as_deref().map(Into::into);
    let targets =
        sorted_by(ctx.ask(GetBuildTargets { info: info.into(), ..GetBuildTargets::new() })?, "name");
    if targets.is_empty() {
        return Err(Stop::usage(match args.name {
            Some(name) => format!("No such build target: {name}"),
            None => "No targets were found".to_owned(),
        }));
    }
    if ctx.settings.json {
        ctx.json(&Value::Array(targets))?;
        return Ok(0);
    }
    if !(args.quiet || ctx.settings.quiet) {
        line!(ctx, "{:<30} {:<30} {:<30}", "Name", "Buildroot", "Destination");
        line!(ctx, "{}", "-".repeat(93));
    }
    for target in &targets {
        let (build, dest) = (target.str("build_tag_name"), target.str("dest_tag_name"));
        line!(ctx, "{:<30} {build:<30} {dest:<30}", target.str("name"));
    }
    Ok(0)
}
