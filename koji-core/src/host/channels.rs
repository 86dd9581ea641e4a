//! Which channels a host serves.

use super::row::get;
use crate::channel;
use crate::context::Cx;
use crate::db::{Insert, Lookup, Query, versioned};
use crate::{Error, Result};

/// How a host is added to a channel.
#[derive(Clone, Copy, Debug, Default)]
pub struct Joining {
    /// Makes the channel if there is none.
    pub create: bool,
    /// Takes a disabled channel as well.
    pub force: bool,
}

/// Lets a host serve a channel, which is asked for once the host is found.
pub fn join(cx: &mut Cx<'_>, host: &Lookup, to: impl FnOnce() -> Result<Lookup>, how: Joining) -> Result<()> {
    let host = get(cx, host)?;
    let to = to()?;
    if let (true, Lookup::Name(name)) = (how.create, &to) {
        cx.env.config.name_limits()?.verify_internal(name)?;
    }
    let row = match (channel::find(cx, &to)?, &to) {
        (Some(row), _) => row,
        (None, Lookup::Name(name)) if how.create => {
            let id = Insert::into("channels").set("name", name).returning::<i32>(cx.db, "id")?;
            channel::get(cx, &id.into())?
        }
        (None, _) => return Err(Error::generic(format!("channel does not exist: {to}"))),
    };
    if !row.enabled && !how.force {
        return Err(Error::generic(format!("channel {} is disabled", row.name)));
    }
    if serves(host.id, row.id).exists(cx.db)? {
        let (host, channel) = (host.name, row.name);
        return Err(Error::generic(format!("host {host} is already subscribed to the {channel} channel")));
    }
    let insert = Insert::into("host_channels").set("host_id", host.id).set("channel_id", row.id);
    versioned::create(cx, insert)
}

/// Ends that a host serves a channel.
pub fn leave(cx: &mut Cx<'_>, host: &Lookup, from: impl FnOnce() -> Result<Lookup>) -> Result<()> {
    let host = get(cx, host)?;
    let from = from()?;
    let row =
        channel::find(cx, &from)?.ok_or_else(|| Error::generic(format!("channel does not exist: {from}")))?;
    let condition = "host_id = ? AND channel_id = ?";
    if versioned::revoke(cx, "host_channels", condition, (host.id, row.id))? == 0 {
        let (host, channel) = (host.name, row.name);
        return Err(Error::generic(format!("host {host} is not subscribed to the {channel} channel")));
    }
    Ok(())
}

fn serves(host: i32, channel: i32) -> Query {
    Query::from("host_channels").filter("host_id = ? AND channel_id = ? AND active = TRUE", (host, channel))
}
