//! Listings over hosts.

use std::collections::HashSet;

use serde::Serialize;

use super::row::{HostRow, query};
use crate::context::Cx;
use crate::db::{Lookup, Query, Time};
use crate::user::info::{self, UserRef};
use crate::{Error, Result, arch};

/// Which hosts to list; what is None does not matter.
#[derive(Clone, Debug, Default)]
pub struct HostFilter {
    /// Hosts with any of these arches
    pub arches: Option<Vec<String>>,
    /// Hosts in this channel
    pub channel: Option<Lookup>,
    /// Hosts that say they are ready, or not
    pub ready: Option<bool>,
    /// Hosts that are enabled, or not
    pub enabled: Option<bool>,
    /// The host of this user
    pub user: Option<UserRef>,
}

/// The hosts that fulfil a filter.
pub fn list(cx: &mut Cx<'_>, filter: &HostFilter) -> Result<Vec<HostRow>> {
    let mut query = query(None).order("host.id");
    if let Some(arches) = &filter.arches {
        query = with_any_arch(cx, query, arches)?;
    }
    if let Some(channel) = &filter.channel {
        let channel = crate::channel::get(cx, channel)?;
        query = query
            .join("host_channels ON host_channels.host_id = host.id")
            .filter("host_channels.channel_id = ? AND host_channels.active = TRUE", channel.id);
    }
    if let Some(user) = &filter.user {
        query = query.filter("host.user_id = ?", info::get(cx, user)?.id);
    }
    query
        .filter_some("host.ready = ?", filter.ready)
        .filter_some("host_config.enabled = ?", filter.enabled)
        .load(cx.db)
}

/// Arches are regular expressions that match whole words: `ppc` is not `ppc64`.
fn with_any_arch(cx: &mut Cx<'_>, query: Query, arches: &[String]) -> Result<Query> {
    if arches.is_empty() {
        return Err(Error::generic("arches option cannot be empty"));
    }
    let pattern = cx.db.dialect().whole_words(&arches.join("|"));
    cx.db.check_regexp(&pattern)?;
    Ok(query.filter(&cx.db.dialect().regexp("host_config.arches", false), pattern))
}

/// The canonical arches that any host builds for, in the order of the hosts.
pub fn all_arches(cx: &mut Cx<'_>) -> Result<Vec<String>> {
    let lists: Vec<Option<String>> =
        Query::from("host_config").filter("active = TRUE", ()).order("host_id").select(cx.db, "arches")?;
    let mut seen = HashSet::new();
    let arches = lists.iter().flatten().flat_map(|list| list.split_whitespace()).map(arch::canonical);
    Ok(arches.filter(|arch| seen.insert(*arch)).map(str::to_owned).collect())
}

/// A time in the form that the caller asked for.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(untagged)]
pub enum Stamp {
    /// As text
    Text(Time),
    /// In seconds since the epoch
    Seconds(f64),
}

/// When a host last used one of its sessions; None for one that never did, and for an unknown one.
pub fn last_update(cx: &mut Cx<'_>, host: i64, as_seconds: bool) -> Result<Option<Stamp>> {
    let last: Option<Time> = Query::from("sessions")
        .join("host ON host.user_id = sessions.user_id")
        .filter("host.id = ? AND sessions.update_time IS NOT NULL", host)
        .order_desc("sessions.update_time")
        .limit(1)
        .select_first(cx.db, "sessions.update_time")?;
    Ok(last.map(|time| if as_seconds { Stamp::Seconds(time.0) } else { Stamp::Text(time) }))
}
