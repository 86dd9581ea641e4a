//! `koji list-groups`

use std::collections::BTreeMap;

use koji_core::api::tag::GetTag;
use koji_core::api::tag_group::GetTagGroups;
use koji_core::wire::Value;

use crate::context::{Ctx, EventArgs};
use crate::line;
use crate::stop::{Outcome, Stop};
use crate::value::{View as _, sorted_by};

/// List the groups of a tag
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji list-groups f40-build build")]
pub struct Args {
    /// The tag
    tag: String,
    /// Only this group
    group: Option<String>,
    #[command(flatten)]
    at: EventArgs,
    /// Blocked packages and groups as well
    #[arg(long)]
    show_blocked: bool,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    let event = ctx.event(&args.at, false)?.map(Into::into);
    let wanted = GetTagGroups { event, incl_blocked: args.show_blocked, ..GetTagGroups::new(&args.tag) };
    let mut groups = sorted_by(ctx.ask(wanted)?, "name");
    groups.retain(|group| args.group.as_ref().is_none_or(|name| group.str("name") == name));
    if ctx.settings.json {
        ctx.json(&Value::Array(groups))?;
        return Ok(0);
    }
    let tags = tag_names(ctx, &groups)?;
    let tag = |entry: &Value| tags.get(&entry.int("tag_id")).cloned().unwrap_or_default();
    for group in &groups {
        line!(ctx, "{}  [{}]", group.str("name"), tag(group));
        for required in sorted_by(group.at("grouplist").clone(), "name") {
            line!(ctx, "  @{}  [{}]", required.str("name"), tag(&required));
        }
        for package in sorted_by(group.at("packagelist").clone(), "package") {
            line!(
                ctx,
                "  {}: {}, {}  [{}]{}",
                package.str("package"),
                package.show("basearchonly"),
                package.show("type"),
                tag(&package),
                if package.has("blocked") { " [BLOCKED]" } else { "" }
            );
        }
    }
    Ok(0)
}

/// The names of the tags that the entries come from; an unknown one shows its id.
fn tag_names(ctx: &mut Ctx<'_>, groups: &[Value]) -> Result<BTreeMap<i64, String>, Stop> {
    let entries = groups.iter().flat_map(|group| {
        let members = group.list("grouplist").iter().chain(group.list("packagelist"));
        std::iter::once(group).chain(members)
    });
    let mut ids: Vec<i64> = entries.map(|entry| entry.int("tag_id")).collect();
    ids.sort_unstable();
    ids.dedup();
    let tags = ctx.multicall_strict(ids.iter().map(|id| GetTag::new(*id)))?;
    let name = |(id, tag): (i64, Value)| {
        let name = tag.at("name").as_str().map_or_else(|| id.to_string(), str::to_owned);
        (id, name)
    };
    Ok(ids.into_iter().zip(tags).map(name).collect())
}
