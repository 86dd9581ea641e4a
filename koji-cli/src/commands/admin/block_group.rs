//! `koji block-group`

use crate::context::Ctx;
use crate::stop::{Outcome, Stop};
use crate::value::View as _;
use koji_core::api::tag::GetTag;
use koji_core::api::tag_group::{GetTagGroups, GroupListBlock};

/// Block a group in a tag
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The tag
    tag: String,
    /// The group
    group: String,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    ctx.login()?;
    ctx.require("tag")?;
    let Args { tag, group } = args;
    let info = ctx.ask(GetTag::new(&tag))?;
    if info.is_nil() {
        return Err(Stop::told(format!("No such tag: {tag}")));
    }
    let groups = ctx.ask(GetTagGroups {
        incl_pkgs: false,
        incl_reqs: false,
        incl_blocked: true,
        ..GetTagGroups::new(info.int("id"))
    })?;
    match groups.items().iter().find(|known| known.str("name") == group) {
        None => Err(Stop::told(format!("Group {group} doesn't exist within tag {tag}"))),
        Some(known) if known.has("blocked") => {
            Err(Stop::told(format!("Group {group} is already blocked in this tag")))
        }
        // an inherited group may be blocked as well
        Some(_) => {
            ctx.call(GroupListBlock::new(tag, group))?;
            Ok(0)
        }
    }
}
