//! Methods about hosts.

use crate::Result;
use crate::api::args::{Arg, OneOrMany};
use crate::api::cast::{EventId, NameText, Truthy};
use crate::api::later::Later;
use crate::db::Lookup;
use crate::host::list::{HostFilter, Stamp};
use crate::host::{self, HostRow, add, channels, edit, list};
use crate::methods;
use crate::user::info::UserRef;
use crate::wire::Value;

methods! {
    /// A host by name or id, now or at an event.
    read Anyone => GetHost "getHost" (hostInfo: Lookup, strict: bool = false, event: Option<EventId> = None)
        -> Option<HostRow> = |m, cx| match host::find(cx, &m.hostInfo, m.event.map(Into::into))? {
            None if m.strict => Err(host::unknown(&m.hostInfo)),
            found => Ok(found),
        };

    /// Hosts by arch, channel, state or user. `queryOpts` is taken and has no effect, as in Koji.
    read Anyone => ListHosts "listHosts" (
        arches: AnyArch = AnyArch(None), channelID: Option<Lookup> = None, ready: Option<bool> = None,
        enabled: Option<bool> = None, userID: Option<UserRef> = None, queryOpts: Value = Value::Nil,
    ) -> Vec<HostRow> = |m, cx| {
        drop(m.queryOpts);
        list::list(cx, &HostFilter { arches: m.arches.0, channel: m.channelID, ready: m.ready, enabled: m.enabled, user: m.userID })
    };

    /// When a host was last heard of: as text, or with `ts` in seconds since the epoch.
    read Anyone => GetLastHostUpdate "getLastHostUpdate" (hostID: Option<i64>, ts: bool = false) -> Option<Stamp>
        = |m, cx| m.hostID.map_or(Ok(None), |id| list::last_update(cx, id, m.ts));

    /// The canonical arches that any host builds for.
    read Anyone => GetAllArches "getAllArches" () -> Vec<String> = |_m, cx| list::all_arches(cx);

    /// Adds a host, with a user to log in as; its id. `force` makes a person of that name a host.
    write Perm("host") => AddHost "addHost" (
        hostname: NameText, arches: OneOrMany<String>, #[checked] krb_principal: Truthy<String> = Truthy(None), force: bool = false,
    ) -> i32 = |m, cx| {
        let arches = m.arches.into_vec();
        add::add(cx, &add::NewHost { name: m.hostname.0, arches, principal: m.krb_principal.0, force: m.force })
    };

    /// Changes arches, capacity, description or comment of a host; whether anything changed.
    write Perm("host") => EditHost "editHost" (hostInfo: Lookup; kwargs kw) -> bool
        = |m, cx| edit::edit(cx, &m.hostInfo, &m.kw);

    /// Lets a host get tasks.
    write Perm("host") => EnableHost "enableHost" (hostname: Lookup) -> ()
        = |m, cx| edit::set_enabled(cx, &m.hostname, true);

    /// Keeps new tasks from a host.
    write Perm("host") => DisableHost "disableHost" (hostname: Lookup) -> ()
        = |m, cx| edit::set_enabled(cx, &m.hostname, false);

    /// Lets a host serve a channel. `create` makes the channel, `force` takes a disabled one.
    write Perm("host") => AddHostToChannel "addHostToChannel" (
        hostname: Lookup, channel_name: Later<Lookup>, create: bool = false, force: bool = false,
    ) -> () = |m, cx| {
        let how = channels::Joining { create: m.create, force: m.force };
        channels::join(cx, &m.hostname, || m.channel_name.read_name("channel_name", m.create), how)
    };

    /// Ends that a host serves a channel.
    write Perm("host") => RemoveHostFromChannel "removeHostFromChannel" (hostname: Lookup, channel_name: Later<Lookup>)
        -> () = |m, cx| channels::leave(cx, &m.hostname, || m.channel_name.read("channel_name"));
}

/// Arches to look for, one or several; whatever is given and empty is a list of none.
#[derive(Clone, Debug)]
pub struct AnyArch(Option<Vec<String>>);

impl From<Vec<String>> for AnyArch {
    fn from(arches: Vec<String>) -> Self {
        Self(Some(arches))
    }
}

impl Arg for AnyArch {
    fn take(value: Value) -> Result<Self> {
        match value {
            Value::Nil => Ok(Self(None)),
            value if !value.is_true() => Ok(Self(Some(Vec::new()))),
            value => OneOrMany::take(value).map(|arches| Self(Some(arches.into_vec()))),
        }
    }
    fn give(&self) -> Value {
        self.0.give()
    }
    fn schema() -> serde_json::Value {
        <Option<OneOrMany<String>>>::schema()
    }
}
