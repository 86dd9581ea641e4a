//! `koji spin-livemedia`

use koji_core::wire::Map;

use super::spin::{self, Common};
use crate::context::Ctx;
use crate::stop::{Outcome, Stop};
use crate::value::put;

/// Create a livemedia image given a kickstart file
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji spin-livemedia live 40 f40-candidate x86_64,aarch64 live.ks")]
pub struct Args {
    #[command(flatten)]
    common: Common,
    /// The URL of the install tree
    #[arg(long, value_name = "URL")]
    install_tree_url: Option<String>,
    /// The name of the volume
    #[arg(long)]
    volid: Option<String>,
    /// Arches that may fail
    #[arg(long = "can-fail", value_name = "ARCH1,ARCH2,...", default_value = "")]
    optional_arches: String,
    /// The directory of lorax's templates below --lorax_url
    #[arg(long = "lorax_dir", value_name = "DIR")]
    lorax_dir: Option<String>,
    /// The SCM URL of lorax's templates
    #[arg(long = "lorax_url", value_name = "URL")]
    lorax_url: Option<String>,
    /// Do not make it start on a Mac
    #[arg(long)]
    nomacboot: bool,
    /// Leave the kickstart file's repos as they are
    #[arg(long)]
    ksrepo: bool,
    /// Use a plain squashfs file system
    #[arg(long)]
    squashfs_only: bool,
    /// An option of the compression; may be given several times
    #[arg(long = "compress-arg", value_name = "ARG OPT", allow_hyphen_values = true)]
    compress_args: Vec<String>,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    if args.lorax_url.is_some() && args.lorax_dir.is_none() {
        return Err(Stop::usage("The \"--lorax_url\" option requires that \"--lorax_dir\" also be used."));
    }
    spin::check_volid(args.volid.as_deref())?;
    spin::run(ctx, "livemedia", &args.common, options(&args))
}

/// What has a default is always sent.
fn options(args: &Args) -> Map {
    let mut opts = args.common.options();
    let texts = [
        ("install_tree_url", &args.install_tree_url),
        ("volid", &args.volid),
        ("lorax_dir", &args.lorax_dir),
        ("lorax_url", &args.lorax_url),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            put(&mut opts, name, text);
        }
    }
    let flags =
        [("nomacboot", args.nomacboot), ("ksrepo", args.ksrepo), ("squashfs_only", args.squashfs_only)];
    for (name, _) in flags.into_iter().filter(|(_, given)| *given) {
        put(&mut opts, name, true);
    }
    let optional: Vec<String> = args.optional_arches.split(',').map(str::to_owned).collect();
    put(&mut opts, "optional_arches", &optional);
    put(&mut opts, "compress_arg", &args.compress_args);
    opts
}
