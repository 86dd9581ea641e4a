//! `koji add-host`

use crate::context::Ctx;
use crate::line;
use crate::stop::{Outcome, Stop};
use koji_core::api::host::{AddHost, GetHost};

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
    if ctx.ask(GetHost::new(&args.hostname))?.is_true() {
        return Err(Stop::told(format!("{} is already in the database", args.hostname)));
    }
    let id = ctx.call(AddHost {
        krb_principal: args.krb_principal.into(),
        force: args.force,
        ..AddHost::new(&args.hostname, args.arch)
    })?;
    line!(ctx, "{} added: id {id}", args.hostname);
    Ok(0)
}
