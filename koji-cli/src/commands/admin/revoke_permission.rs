//! `koji revoke-permission`

use super::grant_permission::users;
use crate::args;
use crate::context::Ctx;
use crate::stop::Outcome;

/// Revoke a permission from users
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The permission
    permission: String,
    /// The users
    #[arg(required = true)]
    user: Vec<String>,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    ctx.login()?;
    for user in users(ctx, &args.user)? {
        ctx.call("revokePermission", args![user, &args.permission])?;
    }
    Ok(0)
}
