//! `koji add-host`

use crate::context::Ctx;
use crate::stop::{Outcome, Stop};
use crate::value::{View as _, put};
use crate::{args, kwargs, line};

/// Add a host
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji add-host builder1.example.org x86_64 i686")]
pub struct Args {
    /// The host's name
    hostname: String,
    /// The arches it can build for
    #[arg(required = true)]
    arch: Vec<String>,
    /// The Kerberos principal it logs in with
    #[arg(long)]
    krb_principal: Option<String>,
    /// Make a host of a user who exists already
    #[arg(long)]
    force: bool,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    ctx.login()?;
    if ctx.call("getHost", args![&args.hostname])?.is_true() {
        return Err(Stop::told(format!("{} is already in the database", args.hostname)));
    }
    let mut opts = kwargs![force = args.force];
    if let Some(principal) = &args.krb_principal {
        put(&mut opts, "krb_principal", principal);
    }
    let id = ctx.call_with("addHost", args![&args.hostname, &args.arch], opts)?;
    line!(ctx, "{} added: id {}", args.hostname, id.as_int().unwrap_or_else(|| id.int("id")));
    Ok(0)
}
