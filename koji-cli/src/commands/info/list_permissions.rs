//! `koji list-permissions`

use koji_core::api::permission::{GetAllPerms, GetUserPermsInheritance};
use koji_core::api::user::{GetLoggedInUser, GetUser};
use koji_core::wire::Value;

use crate::context::Ctx;
use crate::stop::{Outcome, Stop};
use crate::value::View as _;
use crate::{kwargs, line};

/// List permissions
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Those of this user
    #[arg(long)]
    user: Option<String>,
    /// My own
    #[arg(long)]
    mine: bool,
    /// No header
    #[arg(long)]
    quiet: bool,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    ctx.login()?;
    let mut perms = match (args.mine, &args.user) {
        (true, _) => {
            let user = ctx.ask(GetLoggedInUser::new())?;
            of_user(ctx, user.int("id"))?
        }
        (false, Some(name)) => {
            let user = ctx.ask(GetUser { userInfo: name.into(), ..GetUser::new() })?;
            if !user.is_true() {
                return Err(Stop::told(format!("No such user: {name}")));
            }
            of_user(ctx, user.int("id"))?
        }
        (false, None) => {
            let all = ctx.ask(GetAllPerms::new())?;
            all.items()
                .iter()
                .map(|perm| (perm.str("name").to_owned(), perm.str("description").to_owned()))
                .collect()
        }
    };
    perms.sort();
    if ctx.settings.json {
        let perm = |(name, text): &(String, String)| Value::Struct(kwargs![name = name, description = text]);
        ctx.json(&Value::Array(perms.iter().map(perm).collect()))?;
        return Ok(0);
    }
    let title = "Permission name   ";
    let width = perms.iter().map(|(name, _)| name.chars().count()).chain([title.len()]).max();
    let width = width.unwrap_or(title.len());
    if !(args.quiet || ctx.settings.quiet) {
        let mut header = format!("{:<width$}", title.trim_end());
        if perms.first().is_some_and(|(_, text)| !text.is_empty()) {
            header.push_str(&format!("{:<53}", "   Description"));
        }
        line!(ctx, "{header}\n{}", "-".repeat(header.chars().count()));
    }
    for (name, text) in &perms {
        if text.is_empty() {
            line!(ctx, "{name:<width$}");
        } else {
            line!(ctx, "{name:<width$}   {text}");
        }
    }
    Ok(0)
}

/// A user's permissions with the groups they come from.
fn of_user(ctx: &mut Ctx<'_>, id: i64) -> Result<Vec<(String, String)>, Stop> {
    let perms = ctx.ask(GetUserPermsInheritance::new(id))?;
    let perm = |(name, groups): &(String, Value)| {
        let groups: Vec<&str> = groups.items().iter().filter_map(Value::as_str).collect();
        let text =
            if groups.is_empty() { String::new() } else { format!("inherited from: {}", groups.join(", ")) };
        (name.clone(), text)
    };
    Ok(perms.as_struct().unwrap_or(&[]).iter().map(perm).collect())
}
