//! `koji list-builds`

use std::cmp::Ordering;

use koji_core::api::Method;
use koji_core::api::build::{GetBuild, ListBuilds};
use koji_core::api::build_list::Moment;
use koji_core::api::cast::Truthy;
use koji_core::api::package::GetPackageId;
use koji_core::api::user::GetUser;
use koji_core::api::volume::ListVolumes;
use koji_core::build::BuildRef;
use koji_core::db::Time;
use koji_core::wire::Value;

use crate::commands::admin::import::state_name;
use crate::context::Ctx;
use crate::stop::{Outcome, Stop};
use crate::value::{View as _, into_items};
use crate::{line, when};

/// List builds
#[derive(clap::Args, Debug)]
#[command(after_help = "Times are timestamps or local times: YYYY-MM-DD [HH:MM[:SS]].

Example: koji list-builds --package bash --after 2026-01-01")]
pub struct Args {
    /// Builds of this package
    #[arg(long)]
    package: Option<String>,
    /// This build
    #[arg(long)]
    buildid: Option<String>,
    /// Builds that ended before a time
    #[arg(long, value_parser = when::parse)]
    before: Option<f64>,
    /// Builds that ended after a time
    #[arg(long, value_parser = when::parse)]
    after: Option<f64>,
    /// Builds in this state
    #[arg(long)]
    state: Option<String>,
    /// Builds of this task
    #[arg(long)]
    task: Option<String>,
    /// Builds of this type
    #[arg(long = "type")]
    btype: Option<String>,
    /// Builds of packages whose names begin so
    #[arg(long)]
    prefix: Option<String>,
    /// Builds whose names match a shell pattern
    #[arg(long)]
    pattern: Option<String>,
    /// Builds of this content generator
    #[arg(long)]
    cg: Option<String>,
    /// Builds from sources that match a shell pattern
    #[arg(long)]
    source: Option<String>,
    /// Builds of this owner
    #[arg(long)]
    owner: Option<String>,
    /// Builds on this volume
    #[arg(long)]
    volume: Option<String>,
    /// Only draft builds
    #[arg(long)]
    draft_only: bool,
    /// No draft builds
    #[arg(long)]
    no_draft: bool,
    /// Sort by build_id, owner_name or state
    #[arg(short = 'k', long, value_name = "FIELD")]
    sort_key: Vec<String>,
    /// Sort the other way round
    #[arg(short, long)]
    reverse: bool,
    /// No header
    #[arg(long)]
    quiet: bool,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    let wanted = wanted(ctx, &args)?;
    let mut builds = match &args.buildid {
        Some(id) => {
            let build = ctx.ask(GetBuild::new(BuildRef::read(id)?))?;
            if build.is_nil() {
                return Err(Stop::usage(format!("No such build: '{id}'")));
            }
            vec![build]
        }
        None if wanted.encode().1.is_empty() => return Err(Stop::usage("Filter must be provided for list")),
        None => into_items(ctx.ask(wanted)?),
    };
    sort(ctx, &args, &mut builds)?;
    if ctx.settings.json {
        ctx.json(&Value::Array(builds))?;
        return Ok(0);
    }
    if !(args.quiet || ctx.settings.quiet) {
        line!(ctx, "{:<55}  {:<16}  State", "Build", "Built by");
        line!(ctx, "{}  {}  {}", "-".repeat(55), "-".repeat(16), "-".repeat(16));
    }
    for build in &builds {
        let state = state_name(build.int("state"));
        line!(ctx, "{:<55}  {:<16}  {state}", build.str("nvr"), build.show("owner_name"));
    }
    Ok(0)
}

fn wanted(ctx: &mut Ctx<'_>, args: &Args) -> Result<ListBuilds, Stop> {
    let mut wanted = ListBuilds {
        r#type: args.btype.as_ref().map(Into::into),
        prefix: Truthy(args.prefix.clone().map(Into::into)),
        pattern: Truthy(args.pattern.clone()),
        cgID: Truthy(args.cg.as_ref().map(Into::into)),
        source: args.source.clone(),
        completeBefore: Moment(args.before.map(Time)),
        completeAfter: Moment(args.after.map(Time)),
        ..ListBuilds::new()
    };
    if args.no_draft && args.draft_only {
        return Err(Stop::usage("--draft-only conflits with --no-draft"));
    }
    wanted.draft = (args.no_draft || args.draft_only).then_some(args.draft_only);
    if let Some(name) = &args.package {
        wanted.packageID = Some(id_of(ctx, name, "package", GetPackageId::new(name))?.into());
    }
    if let Some(name) = &args.owner {
        let user = GetUser { userInfo: name.into(), ..GetUser::new() };
        wanted.userID = Some(id_of(ctx, name, "user", user)?.into());
    }
    if let Some(name) = &args.volume {
        wanted.volumeID = Some(volume(ctx, name)?);
    }
    wanted.state = args.state.as_deref().map(state).transpose()?;
    if let Some(task) = &args.task {
        wanted.taskID = Some(task.parse().map_err(|_| Stop::usage("Task id must be an integer"))?);
    }
    Ok(wanted)
}

/// An id that was typed, or that of a named thing.
fn id_of(ctx: &mut Ctx<'_>, name: &str, what: &str, method: impl Method) -> Result<i64, Stop> {
    if let Ok(id) = name.parse() {
        return Ok(id);
    }
    let found = ctx.ask(method)?;
    found
        .as_int()
        .or_else(|| found.at("id").as_int())
        .ok_or_else(|| Stop::usage(format!("No such {what}: {name}")))
}

fn volume(ctx: &mut Ctx<'_>, name: &str) -> Result<i64, Stop> {
    if let Ok(id) = name.parse() {
        return Ok(id);
    }
    let volumes = ctx.ask(ListVolumes::new())?;
    let volume = volumes.items().iter().find(|volume| volume.str("name") == name);
    volume.map(|volume| volume.int("id")).ok_or_else(|| Stop::usage(format!("No such volume: {name}")))
}

fn state(name: &str) -> Result<i64, Stop> {
    (0..=4)
        .find(|state| state_name(*state) == name || state.to_string() == name)
        .ok_or_else(|| Stop::usage(format!("Invalid state: {name}")))
}

fn sort(ctx: &mut Ctx<'_>, args: &Args, builds: &mut [Value]) -> Result<(), Stop> {
    let mut keys: Vec<&str> = args.sort_key.iter().map(String::as_str).collect();
    if keys.is_empty() {
        keys.push("build_id");
    }
    for key in &keys {
        if !["build_id", "owner_name", "state"].contains(key) {
            ctx.warn(format!("Invalid sort_key: {key}."))?;
        }
    }
    builds.sort_by(|left, right| {
        let order = keys
            .iter()
            .map(|key| left.int(key).cmp(&right.int(key)).then_with(|| left.str(key).cmp(right.str(key))))
            .find(|order| *order != Ordering::Equal)
            .unwrap_or(Ordering::Equal);
        if args.reverse { order.reverse() } else { order }
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_have_names_and_numbers() {
        assert_eq!(state("COMPLETE").unwrap(), 1);
        assert_eq!(state("4").unwrap(), 4);
        assert!(state("5").is_err() && state("done").is_err());
    }
}
