//! `koji add-host-to-channel`

use crate::context::Ctx;
use crate::line;
use crate::stop::{Outcome, Stop};
use crate::value::View as _;
use koji_core::api::channel::{GetChannel, ListChannels};
use koji_core::api::host::{AddHostToChannel, GetHost};

/// Add a host to a channel
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The host
    hostname: Option<String>,
    /// The channel
    channel: Option<String>,
    /// List the channels
    #[arg(long, hide = true)]
    list: bool,
    /// Make the channel if there is none
    #[arg(long)]
    new: bool,
    /// Make the channel even if its name is not fit
    #[arg(long)]
    force: bool,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    if args.list {
        ctx.login()?;
        for channel in ctx.ask(ListChannels::new())?.items() {
            line!(ctx, "{}", channel.str("name"));
        }
        return Ok(0);
    }
    let (Some(host), Some(channel)) = (args.hostname, args.channel) else {
        return Err(Stop::usage("Please specify a hostname and a channel"));
    };
    ctx.login()?;
    if !args.new && !ctx.ask(GetChannel::new(&channel))?.is_true() {
        return Err(Stop::told(format!("No such channel: {channel}")));
    }
    if !ctx.ask(GetHost::new(&host))?.is_true() {
        return Err(Stop::told(format!("No such host: {host}")));
    }
    ctx.call(AddHostToChannel {
        create: args.new,
        force: args.force,
        ..AddHostToChannel::new(host, channel)
    })?;
    Ok(0)
}
