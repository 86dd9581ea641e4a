//! Methods about channels.

use crate::api::args::Arg;
use crate::api::cast::{EventId, Truthy};
use crate::api::column::ColumnText;
use crate::channel::{self, ChannelRow, edit};
use crate::db::Lookup;
use crate::methods;
use crate::wire::Value;
use crate::{Error, Result};

methods! {
    /// A channel by name or id.
    read Anyone => GetChannel "getChannel" (channelInfo: Lookup, strict: bool = false) -> Option<ChannelRow>
        = |m, cx| if m.strict { channel::get(cx, &m.channelInfo).map(Some) } else { channel::find(cx, &m.channelInfo) };

    /// All channels, or those of a host, now or at an event.
    read Anyone => ListChannels "listChannels" (
        hostID: Truthy<HostKey> = Truthy(None), event: Value = Value::Nil, enabled: Option<bool> = None,
    ) -> Vec<ChannelRow> = |m, cx| {
        // without a host it only counts whether an event is given
        let host = m.hostID.0.map(|host| host.0);
        let event = match &host {
            Some(_) => <Option<EventId> as Arg>::take(m.event)?.map(i32::from),
            None => m.event.is_true().then_some(0),
        };
        channel::list(cx, host.as_ref(), event, m.enabled)
    };

    /// Adds a channel; its id.
    write Perm("admin") => AddChannel "addChannel" (channel_name: Value, description: Option<ColumnText> = None) -> i32
        = |m, cx| edit::add(cx, &m.channel_name, m.description.as_ref().map(|text| text.0.as_str()));

    /// Changes name, description or comment of a channel; whether anything changed.
    write Perm("admin") => EditChannel "editChannel" (channelInfo: Lookup; kwargs kw) -> bool
        = |m, cx| edit::edit(cx, &m.channelInfo, &m.kw);

    /// Gives a channel another name.
    write Perm("admin") => RenameChannel "renameChannel" (old: Lookup, new: Value) -> ()
        = |m, cx| edit::edit(cx, &m.old, &vec![("name".to_owned(), m.new)]).map(drop);

    /// Lets a channel's tasks be given to hosts.
    write Perm("host") => EnableChannel "enableChannel" (channelname: Lookup, #[checked] comment: Option<String> = None) -> ()
        = |m, cx| edit::set_enabled(cx, &m.channelname, true, m.comment.as_deref());

    /// Keeps a channel's tasks from hosts, and new tasks out of it.
    write Perm("host") => DisableChannel "disableChannel" (channelname: Lookup, #[checked] comment: Option<String> = None) -> ()
        = |m, cx| edit::set_enabled(cx, &m.channelname, false, m.comment.as_deref());
}

/// A host by its name, or by its id, which is believed; a struct names none here.
#[derive(Clone, Debug, PartialEq)]
pub struct HostKey(pub Lookup);

impl Arg for HostKey {
    fn take(value: Value) -> Result<Self> {
        match value {
            Value::Struct(_) | Value::Array(_) => {
                Err(Error::unforeseen("a host is named by text or by its id"))
            }
            // no host has half an id
            Value::Double(id) => Ok(Self(Lookup::Id(if id.fract() == 0.0 { id as i64 } else { -1 }))),
            other => Lookup::take(other).map(Self),
        }
    }
    fn give(&self) -> Value {
        self.0.give()
    }
    fn schema() -> serde_json::Value {
        Lookup::schema()
    }
}

impl From<i64> for Truthy<HostKey> {
    fn from(host: i64) -> Self {
        Self(Some(HostKey(Lookup::Id(host))))
    }
}
