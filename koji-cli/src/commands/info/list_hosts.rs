//! `koji list-hosts`

use koji_core::api::channel::{GetChannel, ListChannels};
use koji_core::api::host::ListHosts;
use koji_core::api::own::HostLoads;
use koji_core::wire::Value;

use super::buildinfo::time;
use crate::context::Ctx;
use crate::stop::{Outcome, Stop};
use crate::value::{View as _, set, sorted_by};
use crate::{host_load, line};

/// List hosts
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji list-hosts --enabled --show-channels")]
pub struct Args {
    /// Hosts that build for this arch
    #[arg(long)]
    arch: Vec<String>,
    /// Hosts in this channel
    #[arg(long)]
    channel: Option<String>,
    /// Hosts that are ready
    #[arg(long, overrides_with = "not_ready")]
    ready: bool,
    /// Hosts that are not ready
    #[arg(long, overrides_with = "ready")]
    not_ready: bool,
    /// Hosts that are enabled
    #[arg(long, overrides_with = "not_enabled")]
    enabled: bool,
    /// Hosts that are disabled
    #[arg(long, visible_alias = "disabled", overrides_with = "enabled")]
    not_enabled: bool,
    /// Show what the scheduler counts for the enabled hosts: load, tasks and memory
    #[arg(long, conflicts_with_all = ["arch", "channel", "not_enabled", "show_channels", "comment", "description"])]
    load: bool,
    /// No header
    #[arg(long)]
    quiet: bool,
    /// Show channels
    #[arg(long)]
    show_channels: bool,
    /// Show remarks
    #[arg(long)]
    comment: bool,
    /// Show descriptions
    #[arg(long)]
    description: bool,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    if args.load {
        return loads(ctx, &args);
    }
    let wanted = wanted(ctx, &args)?;
    let mut hosts = sorted_by(ctx.ask(wanted)?, "name");
    if hosts.is_empty() && !ctx.settings.json {
        ctx.warn("No hosts found.")?;
        return Ok(0);
    }
    if args.show_channels {
        add_channels(ctx, &mut hosts)?;
    }
    if ctx.settings.json {
        ctx.json(&Value::Array(hosts))?;
        return Ok(0);
    }
    let width = hosts.iter().map(|host| host.str("name").chars().count()).max().unwrap_or_default();
    if !(args.quiet || ctx.settings.quiet) {
        let mut header = format!(
            "{:<width$} Enb Rdy Load/Cap  Arches           Last Update                         ",
            "Hostname"
        );
        for (given, title) in [(args.description, "Description"), (args.comment, "Comment")] {
            if given {
                header.push_str(&format!("{title:<51}"));
            }
        }
        if args.show_channels {
            header.push_str("Channels");
        }
        line!(ctx, "{header}\n{}", "-".repeat(header.chars().count()));
    }
    for host in &hosts {
        line!(ctx, "{}", row(&args, host, width));
    }
    Ok(0)
}

fn loads(ctx: &mut Ctx<'_>, args: &Args) -> Outcome {
    if ctx.settings.json {
        let answer = ctx.ask(HostLoads::new())?;
        ctx.json(&answer)?;
        return Ok(0);
    }
    let mut hosts = ctx.call(HostLoads::new())?;
    hosts.retain(|host| (host.ready || !args.ready) && !(host.ready && args.not_ready));
    let width = host_load::width(hosts.iter());
    if !(args.quiet || ctx.settings.quiet) {
        line!(ctx, "{}  Rdy", host_load::heading(width));
    }
    for host in &hosts {
        line!(ctx, "{}  {}", host_load::row(host, width), if host.ready { "Y" } else { "N" });
    }
    Ok(0)
}

fn wanted(ctx: &mut Ctx<'_>, args: &Args) -> Result<ListHosts, Stop> {
    let mut wanted = ListHosts::new();
    if !args.arch.is_empty() {
        wanted.arches = args.arch.clone().into();
    }
    if let Some(name) = &args.channel {
        let channel = ctx.ask(GetChannel::new(name))?;
        if !channel.is_true() {
            return Err(Stop::usage(format!("No such channel: {name}")));
        }
        wanted.channelID = Some(channel.int("id").into());
    }
    wanted.ready = (args.ready || args.not_ready).then_some(args.ready);
    wanted.enabled = (args.enabled || args.not_enabled).then_some(args.enabled);
    Ok(wanted)
}

fn add_channels(ctx: &mut Ctx<'_>, hosts: &mut [Value]) -> Result<(), Stop> {
    let calls =
        hosts.iter().map(|host| ListChannels { hostID: host.int("id").into(), ..ListChannels::new() });
    let answers = ctx.multicall_strict(calls)?;
    for (host, channels) in hosts.iter_mut().zip(answers) {
        let name = |channel: &Value| {
            let disabled = channel.at("enabled").as_bool() == Some(false);
            format!("{}{}", if disabled { "*" } else { "" }, channel.str("name"))
        };
        let mut names: Vec<String> = channels.items().iter().map(name).collect();
        names.sort();
        set(host, "channels", names.join(","));
    }
    Ok(())
}

fn row(args: &Args, host: &Value, width: usize) -> String {
    let yes = |name| if host.has(name) { "Y" } else { "N" };
    let update = if host.at("update_ts").is_nil() { "-".to_owned() } else { time(host, "update_ts") };
    let arches = host.str("arches").split_whitespace().collect::<Vec<_>>().join(",");
    let mut row = format!(
        "{:<width$} {:<3} {:<3} {:>4.1}/{:<4.1} {arches:<16} {update:<35}",
        host.str("name"),
        yes("enabled"),
        yes("ready"),
        host.float("task_load"),
        host.float("capacity")
    );
    for (given, name) in [(args.description, "description"), (args.comment, "comment")] {
        if given {
            row.push_str(&format!(" {:<50}", shorten(host.str(name))));
        }
    }
    if args.show_channels {
        row.push_str(&format!(" {}", host.str("channels")));
    }
    row
}

/// A text on one line of at most fifty characters.
pub fn shorten(text: &str) -> String {
    let text = text.replace('\n', " ");
    if text.chars().count() <= 47 {
        return text;
    }
    let short: String = text.chars().take(47).collect();
    format!("{short}...")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_shortened() {
        assert_eq!(shorten("a\nb"), "a b");
        assert_eq!(shorten(&"x".repeat(60)), format!("{}...", "x".repeat(47)));
    }
}
