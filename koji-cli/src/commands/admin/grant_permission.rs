//! `koji grant-permission`

use crate::args;
use crate::context::Ctx;
use crate::stop::{Outcome, Stop};
use crate::value::{View as _, put};

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
    let mut opts = vec![];
    if args.new {
        put(&mut opts, "create", true);
    }
    if let Some(description) = &args.description {
        if !args.new {
            return Err(Stop::usage("Option new must be specified with option description."));
        }
        put(&mut opts, "description", description);
    }
    ctx.login()?;
    for user in users(ctx, &args.user)? {
        ctx.call_with("grantPermission", args![user, &args.permission], opts.clone())?;
    }
    Ok(0)
}

/// The names of users, all of them known.
pub fn users(ctx: &mut Ctx<'_>, names: &[String]) -> Result<Vec<String>, Stop> {
    names.iter().map(|name| Ok(ctx.user(name)?.str("name").to_owned())).collect()
}
