//! `koji add-user`

use crate::context::Ctx;
use crate::stop::Outcome;
use crate::{args, kwargs, line};

/// Add a user
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The user's name
    username: String,
    /// The Kerberos principal of the user
    #[arg(long)]
    principal: Option<String>,
    /// Let the user not log in
    #[arg(long)]
    disable: bool,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    ctx.login()?;
    let opts = kwargs![status = i64::from(args.disable), krb_principal = args.principal];
    let id = ctx.call_with("createUser", args![&args.username], opts)?;
    line!(ctx, "Added user {} ({})", args.username, id.as_int().unwrap_or_default());
    Ok(0)
}
