//! `koji disable-host`

use super::host_toggle::toggle;
use crate::context::Ctx;
use crate::stop::Outcome;
use koji_core::api::host::DisableHost;

/// Let hosts take no more tasks
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The hosts
    #[arg(required = true)]
    hostname: Vec<String>,
    /// A remark
    #[arg(long)]
    comment: Option<String>,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    toggle(ctx, DisableHost::new, &args.hostname, args.comment.as_ref())
}
