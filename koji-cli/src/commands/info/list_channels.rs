//! `koji list-channels`

use koji_core::api::channel::ListChannels;
use koji_core::api::host::ListHosts;
use koji_core::wire::Value;

use super::list_hosts::shorten;
use crate::context::Ctx;
use crate::line;
use crate::stop::Outcome;
use crate::value::{View as _, set, sorted_by};

/// List channels
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Only names
    #[arg(long)]
    simple: bool,
    /// No header
    #[arg(long)]
    quiet: bool,
    /// Show remarks
    #[arg(long)]
    comment: bool,
    /// Show descriptions
    #[arg(long)]
    description: bool,
    /// Channels that are enabled
    #[arg(long, overrides_with = "not_enabled")]
    enabled: bool,
    /// Channels that are disabled
    #[arg(long, visible_alias = "disabled", overrides_with = "enabled")]
    not_enabled: bool,
    /// Count only hosts of this arch
    #[arg(long)]
    arch: Option<String>,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    let enabled = (args.enabled || args.not_enabled).then_some(args.enabled);
    let mut channels = sorted_by(ctx.ask(ListChannels { enabled, ..ListChannels::new() })?, "name");
    let calls = channels.iter().map(|channel| ListHosts {
        channelID: Some(channel.int("id").into()),
        arches: args.arch.clone().map_or_else(|| ListHosts::new().arches, |arch| vec![arch].into()),
        ..ListHosts::new()
    });
    let hosts = ctx.multicall_strict(calls)?;
    for (channel, hosts) in channels.iter_mut().zip(&hosts) {
        count(channel, hosts.items());
    }
    if ctx.settings.json {
        ctx.json(&Value::Array(channels))?;
        return Ok(0);
    }
    let quiet = args.quiet || ctx.settings.quiet;
    if args.simple {
        if !quiet {
            line!(ctx, "Channel\n{}", "-".repeat(7));
        }
        for channel in &channels {
            line!(ctx, "{}", title(channel));
        }
        return Ok(0);
    }
    let width = channels.iter().map(|channel| title(channel).chars().count()).max().unwrap_or(8);
    let texts = [(args.description, "description", "Description"), (args.comment, "comment", "Comment")];
    if !quiet {
        let mut header = format!("{:<width$}Enabled  Ready Disbld   Load    Cap   Perc    ", "Channel");
        for (_, _, name) in texts.iter().filter(|(given, ..)| *given) {
            header.push_str(&format!("{name:<53}"));
        }
        line!(ctx, "{header}\n{}", "-".repeat(header.chars().count()));
    }
    for channel in &channels {
        let mut row = row(channel, width);
        for (_, name, _) in texts.iter().filter(|(given, ..)| *given) {
            row.push_str(&format!("   {:<50}", shorten(channel.str(name))));
        }
        line!(ctx, "{row}");
    }
    Ok(0)
}

fn count(channel: &mut Value, hosts: &[Value]) {
    let number = |name| hosts.iter().filter(|host| host.has(name)).count() as i64;
    let sum = |name| hosts.iter().map(|host| host.float(name)).sum::<f64>();
    let (enabled, capacity, load) = (number("enabled"), sum("capacity"), sum("task_load"));
    set(channel, "enabled_host", enabled);
    set(channel, "disabled", hosts.len() as i64 - enabled);
    set(channel, "ready", number("ready"));
    set(channel, "capacity", capacity);
    set(channel, "load", load);
    set(channel, "perc_load", if capacity == 0.0 { 0.0 } else { load / capacity * 100.0 });
}

fn title(channel: &Value) -> String {
    let disabled = channel.at("enabled").as_bool() == Some(false);
    format!("{}{}", channel.str("name"), if disabled { " [disabled]" } else { "" })
}

fn row(channel: &Value, width: usize) -> String {
    let whole = |name| channel.float(name) as i64;
    format!(
        "{:<width$} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6}%",
        title(channel),
        whole("enabled_host"),
        whole("ready"),
        whole("disabled"),
        whole("load"),
        whole("capacity"),
        whole("perc_load")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kwargs;

    #[test]
    fn hosts_are_counted() {
        let host = |enabled: bool| {
            Value::Struct(kwargs![enabled = enabled, ready = enabled, capacity = 4.0, task_load = 1.0])
        };
        let mut channel = Value::Struct(kwargs![name = "default", enabled = true]);
        count(&mut channel, &[host(true), host(false)]);
        assert_eq!(row(&channel, 8), "default       1      1      1      2      8     25%");
    }
}
