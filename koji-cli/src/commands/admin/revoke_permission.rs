//! `koji revoke-permission`

use super::grant_permission::users;
use crate::context::Ctx;
use crate::stop::Outcome;
use koji_core::api::permission::RevokePermission;

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
        ctx.call(RevokePermission::new(&user, &args.permission))?;
    }
    Ok(0)
}
