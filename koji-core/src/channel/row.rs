//! A channel as clients see it, and how it is found.

use crate::context::Cx;
use crate::db::{Lookup, Query};
use crate::{Error, Result, host, row};

row! {
    /// A channel.
    pub struct ChannelRow {
        /// Its id
        pub id: i32 = "channels.id",
        /// Its name
        pub name: String = "channels.name",
        /// A description
        pub description: Option<String> = "channels.description",
        /// Whether its tasks are given to hosts
        pub enabled: bool = "channels.enabled",
        /// A comment
        pub comment: Option<String> = "channels.comment",
    }
}

/// A channel by name or id.
pub fn find(cx: &mut Cx<'_>, channel: &Lookup) -> Result<Option<ChannelRow>> {
    channel.condition(Query::from("channels"), "channels").first(cx.db)
}

/// The same; an unknown channel is an error.
pub fn get(cx: &mut Cx<'_>, channel: &Lookup) -> Result<ChannelRow> {
    find(cx, channel)?.ok_or_else(|| Error::generic(format!("No such channel: {channel}")))
}

/// All channels, or those that a host serves, now or at an event.
pub fn list(
    cx: &mut Cx<'_>,
    host: Option<&Lookup>,
    event: Option<i32>,
    enabled: Option<bool>,
) -> Result<Vec<ChannelRow>> {
    let query = match host {
        Some(host) => {
            let id = match host {
                Lookup::Id(id) => *id,
                name @ Lookup::Name(_) => host::get(cx, name)?.id.into(),
            };
            Query::from("host_channels")
                .join("channels ON channels.id = host_channels.channel_id")
                .at("host_channels", event)
                .filter("host_channels.host_id = ?", id)
        }
        None if event.is_some() => {
            return Err(Error::generic("channels are versioned by host only: give a host with the event"));
        }
        None => Query::from("channels"),
    };
    query.filter_some("channels.enabled = ?", enabled).order("channels.id").load(cx.db)
}
