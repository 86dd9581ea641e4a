//! `koji grant-permission`

use crate::context::Ctx;
use crate::stop::{Outcome, Stop};
use crate::value::View as _;
use koji_core::api::permission::GrantPermission;

/// Grant a permission to users
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji grant-permission --new --description \"May sign\" sign ann")]
pub struct Args {
    /// The permission
    permission: String,
    /// The users
    #[arg(required = true)]
    user: Vec<String>,
    /// Make the permission if there is none
    #[arg(long)]
    new: bool,
    /// What the new permission allows
    #[arg(long)]
    description: Option<String>,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    if args.description.is_some() && !args.new {
        return Err(Stop::usage("Option new must be specified with option description."));
    }
    ctx.login()?;
    for user in users(ctx, &args.user)? {
        ctx.call(GrantPermission {
            create: args.new,
            description: args.description.clone(),
            ..GrantPermission::new(&user, &args.permission)
        })?;
    }
    Ok(0)
}

/// The names of users, all of them known.
pub fn users(ctx: &mut Ctx<'_>, names: &[String]) -> Result<Vec<String>, Stop> {
    names.iter().map(|name| Ok(ctx.user(name)?.str("name").to_owned())).collect()
}
