//! `koji edit-tag-inheritance`

use koji_core::wire::Value;

use super::inheritance_link::{find, same_priority};
use crate::context::Ctx;
use crate::stop::{Outcome, Stop};
use crate::value::{View as _, set};

/// Change how a tag inherits from another
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The tag that inherits
    tag: String,
    /// The tag it inherits from
    parent: Option<String>,
    /// The present priority of the link
    #[arg(value_name = "priority", id = "present")]
    present: Option<i64>,
    /// The new priority
    #[arg(long)]
    priority: Option<i64>,
    /// How many levels further up to look, or "none"
    #[arg(long)]
    maxdepth: Option<String>,
    /// Do not pass the parent on to tags that inherit from this one
    #[arg(long)]
    intransitive: bool,
    /// Inherit packages only, no configuration
    #[arg(long)]
    noconfig: bool,
    /// Inherit only packages that match this regular expression
    #[arg(long)]
    pkg_filter: Option<String>,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    ctx.login()?;
    let mut link = find(ctx, &args.tag, args.parent.as_deref(), args.present)?;
    if let Some(priority) = args.priority
        && link.all.iter().any(|other| other.int("priority") == priority)
    {
        return Err(same_priority(&link.tag_name));
    }
    let data = &mut link.all[link.place];
    if let Some(priority) = args.priority {
        set(data, "priority", priority);
    }
    match args.maxdepth.as_deref() {
        None => {}
        Some(depth) if depth.eq_ignore_ascii_case("none") => set(data, "maxdepth", Value::Nil),
        Some(depth) => match depth.parse::<i64>() {
            Ok(depth) if depth >= 0 => set(data, "maxdepth", depth),
            _ => return Err(Stop::told(format!("Invalid maxdepth: {depth}"))),
        },
    }
    if args.intransitive {
        set(data, "intransitive", true);
    }
    if args.noconfig {
        set(data, "noconfig", true);
    }
    if let Some(filter) = args.pkg_filter {
        set(data, "pkg_filter", filter);
    }
    link.save(ctx)?;
    Ok(0)
}
