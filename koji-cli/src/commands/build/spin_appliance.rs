//! `koji spin-appliance`

use super::spin::{self, Common};
use crate::context::Ctx;
use crate::line;
use crate::stop::Outcome;
use crate::value::put;

/// Create an appliance given a kickstart file
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji spin-appliance --format qcow2 base 40 f40-candidate x86_64 base.ks")]
pub struct Args {
    #[command(flatten)]
    common: Common,
    /// The memory of the appliance in MB
    #[arg(long)]
    vmem: Option<String>,
    /// How many processors the appliance has
    #[arg(long)]
    vcpu: Option<String>,
    /// The format of its disk: raw, qcow, qcow2 or vmx
    #[arg(long, value_name = "DISK_FORMAT", default_value = "raw")]
    format: String,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    line!(ctx, "spin-appliance is deprecated and will be replaced with image-build");
    let mut opts = args.common.options();
    put(&mut opts, "format", &args.format);
    for (name, text) in [("vmem", &args.vmem), ("vcpu", &args.vcpu)] {
        if let Some(text) = text {
            put(&mut opts, name, text);
        }
    }
    spin::run(ctx, "appliance", &args.common, opts)
}
