//! `koji hostinfo`

use koji_core::api::args::OneOrMany;
use koji_core::api::buildroot::ListBuildroots;
use koji_core::api::channel::ListChannels;
use koji_core::api::host::GetHost;
use koji_core::api::own::HostLoads;
use koji_core::api::scheduler::GetHostData;
use koji_core::db::Lookup;
use koji_core::scheduler::why::HostLoad;
use koji_core::wire::Value;

use crate::context::Ctx;
use crate::stop::{Outcome, Stop};
use crate::value::View as _;
use crate::{line, when};

/// The states of a buildroot that is in use, by number.
const STATES: [&str; 3] = ["INIT", "WAITING", "BUILDING"];

/// Show what a host is
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji hostinfo builder1.example.com")]
pub struct Args {
    /// The hosts: names or ids
    #[arg(required = true, value_name = "hostname")]
    host: Vec<String>,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    let mut code = 0;
    let mut found = vec![];
    for name in &args.host {
        let key = name.parse().map_or_else(|_| Lookup::from(name), Lookup::Id);
        let host = ctx.ask(GetHost::new(key))?;
        if host.is_nil() {
            ctx.warn(format!("No such host: {name}\n"))?;
            code = 1;
        } else if ctx.settings.json {
            found.push(host);
        } else {
            write_facts(ctx, &host)?;
            write_buildroots(ctx, &host)?;
        }
    }
    if ctx.settings.json {
        ctx.json(&Value::Array(found))?;
    }
    Ok(code)
}

fn write_facts(ctx: &mut Ctx<'_>, host: &Value) -> Result<(), Stop> {
    let load = load(ctx, host);
    let is_silent = host.has("ready") && load.as_ref().is_some_and(|load| !load.ready);
    let yes = |is_so| if is_so { "yes" } else { "no" };
    line!(ctx, "Name: {}", host.str("name"));
    line!(ctx, "ID: {}", host.int("id"));
    line!(ctx, "Arches: {}", host.show("arches"));
    line!(ctx, "Capacity: {}", host.show("capacity"));
    line!(ctx, "Task Load: {:.2}", host.float("task_load"));
    for (title, name) in [("Description", "description"), ("Comment", "comment")] {
        let indent = " ".repeat(title.len() + 2);
        let text = host.str(name).lines().collect::<Vec<_>>().join(&format!("\n{indent}"));
        line!(ctx, "{}", format!("{title}: {text}").trim_end());
    }
    line!(ctx, "Enabled: {}", yes(host.has("enabled")));
    line!(ctx, "Ready: {}", yes(host.has("ready") && !is_silent));
    if is_silent {
        line!(ctx, "Not ready because: it has not reported lately");
    } else if let Some(obstacle) = obstacle(ctx, host) {
        line!(ctx, "Not ready because: {obstacle}");
    }
    if let Some(HostLoad { tasks, max_jobs, load, capacity, .. }) = load.filter(|load| load.tasks > 0) {
        line!(ctx, "Tasks: {tasks} of {max_jobs}, with a load of {load:.1} of {capacity:.1}");
    }
    let update = host.at("update_ts").as_f64().map_or_else(|| "never".to_owned(), when::long);
    line!(ctx, "Last Update: {update}");
    let channels = ctx.ask(ListChannels { hostID: host.int("id").into(), ..ListChannels::new() })?;
    let names: Vec<&str> = channels.items().iter().map(|channel| channel.str("name")).collect();
    line!(ctx, "Channels: {}", names.join(" "));
    Ok(())
}

/// What the scheduler counts for an enabled host. Koji's own hubs do not tell.
fn load(ctx: &mut Ctx<'_>, host: &Value) -> Option<HostLoad> {
    let loads = ctx.call(HostLoads::new()).ok()?;
    loads.into_iter().find(|load| load.name == host.str("name"))
}

/// Why the host takes no tasks, if it told: Koji's own builders do not, and older hubs know nothing of it.
fn obstacle(ctx: &mut Ctx<'_>, host: &Value) -> Option<String> {
    if host.has("ready") {
        return None;
    }
    let told = ctx.ask(GetHostData { hostID: Some(host.int("id")) }).ok()?;
    let obstacle = told.items().first()?.at("data").str("obstacle").to_owned();
    Some(obstacle).filter(|text| !text.is_empty())
}

fn write_buildroots(ctx: &mut Ctx<'_>, host: &Value) -> Result<(), Stop> {
    let of_state = |state: i64| ListBuildroots {
        hostID: Some(host.int("id")),
        state: Some(OneOrMany::One(state)),
        ..ListBuildroots::new()
    };
    let answers = ctx.multicall_strict((0..).take(STATES.len()).map(of_state))?;
    line!(ctx, "Active Buildroots:");
    let mut heading = Some(format!("{:<50} {:<10} {:<20}", "NAME", "STATE", "CREATION TIME"));
    for (roots, state) in answers.iter().zip(STATES) {
        for root in roots.items() {
            if let Some(heading) = heading.take() {
                line!(ctx, "{heading}");
            }
            let name = format!("{}-{}-{}", root.show("tag_name"), root.int("id"), root.show("repo_id"));
            let time = root.str("create_event_time").split('.').next().unwrap_or_default().to_owned();
            line!(ctx, "{name:<50} {state:<10} {time:<20}");
        }
    }
    if heading.is_some() {
        line!(ctx, "None");
    }
    Ok(())
}
