//! A host as clients see it, and how it is found.

use crate::context::Cx;
use crate::db::{Lookup, Query};
use crate::{Error, Result, row};

row! {
    /// A host with its configuration.
    pub struct HostRow {
        /// Its id
        pub id: i32 = "host.id",
        /// The user that it logs in as
        pub user_id: i32 = "host.user_id",
        /// Its name, mostly the full domain name
        pub name: String = "host.name",
        /// When it reported last, in seconds since the epoch
        pub update_ts: Option<f64> = "host.update_time",
        /// Whether it says that it can take tasks
        pub ready: bool = "host.ready",
        /// The load that it reported
        pub task_load: f64 = "host.task_load",
        /// The arches it builds for, separated by spaces
        pub arches: Option<String> = "host_config.arches",
        /// The sum of weights that it bears
        pub capacity: f64 = "host_config.capacity",
        /// A description
        pub description: Option<String> = "host_config.description",
        /// A comment
        pub comment: Option<String> = "host_config.comment",
        /// Whether it may get tasks
        pub enabled: bool = "host_config.enabled",
    }
}

/// Hosts with their configuration, active or at an event.
pub(super) fn query(event: Option<i32>) -> Query {
    Query::from("host_config").join("host ON host.id = host_config.host_id").at("host_config", event)
}

/// A host by name or id, now or at an event.
pub fn find(cx: &mut Cx<'_>, host: &Lookup, event: Option<i32>) -> Result<Option<HostRow>> {
    host.condition(query(event), "host").first(cx.db)
}

/// The same; an unknown host is an error.
pub fn get(cx: &mut Cx<'_>, host: &Lookup) -> Result<HostRow> {
    find(cx, host, None)?.ok_or_else(|| unknown(host))
}

/// The error of a host that is not there.
pub fn unknown(host: &Lookup) -> Error {
    Error::generic(format!("host does not exist: {host}"))
}
