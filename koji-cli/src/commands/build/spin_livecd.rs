//! `koji spin-livecd`

use super::spin::{self, Common};
use crate::context::Ctx;
use crate::line;
use crate::stop::Outcome;
use crate::value::put;

/// Create a live CD image given a kickstart file
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji spin-livecd --scratch live 40 f40-candidate x86_64 live.ks")]
pub struct Args {
    #[command(flatten)]
    common: Common,
    /// The name of the volume
    #[arg(long)]
    volid: Option<String>,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    line!(ctx, "spin-livecd is deprecated and will be replaced with spin-livemedia");
    spin::check_volid(args.volid.as_deref())?;
    let mut opts = args.common.options();
    if let Some(volid) = &args.volid {
        put(&mut opts, "volid", volid);
    }
    spin::run(ctx, "livecd", &args.common, opts)
}
