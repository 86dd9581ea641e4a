//! `koji add-user`

use crate::context::Ctx;
use crate::line;
use crate::stop::Outcome;
use koji_core::api::cast::NameText;
use koji_core::api::user::CreateUser;

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
    let id = ctx.call(CreateUser {
        status: i64::from(args.disable).into(),
        krb_principal: args.principal.map(NameText),
        ..CreateUser::new(&args.username)
    })?;
    line!(ctx, "Added user {} ({id})", args.username);
    Ok(0)
}
