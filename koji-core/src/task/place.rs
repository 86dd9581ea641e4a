//! Into which channel a new task goes, and with which priority: what the policies `channel` and `priority` say.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::about;
use super::make::Draft;
use crate::channel::{self, ChannelRow};
use crate::context::Cx;
use crate::db::Lookup;
use crate::wire::Map;
use crate::{Error, Result, policy};

/// What a rule of the policy `channel` says.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    /// This channel
    Use(String),
    /// The parent's
    Parent,
    /// The one that was asked for
    Requested,
    /// The one that tasks of this method go to
    Default,
}

impl Place {
    fn parse(action: &str) -> Result<Self> {
        let mut words = action.split_whitespace();
        match (words.next(), words.next()) {
            (Some("use"), Some(channel)) => Ok(Self::Use(channel.to_owned())),
            (Some("parent"), _) => Ok(Self::Parent),
            (Some("req"), _) => Ok(Self::Requested),
            (Some("default"), _) => Ok(Self::Default),
            _ => Err(invalid("channel", action)),
        }
    }
}

/// The channel that tasks of a method go to where nobody says anything.
fn default_channel(method: &str) -> &str {
    match method {
        "maven" | "chainmaven" | "wrapperRPM" => "maven",
        "winbuild" => "vm",
        "image" | "indirectionimage" => "image",
        "livecd" | "appliance" | "livemedia" => method,
        _ => "default",
    }
}

/// The channel that is asked for. Calls that have a channel of their own seem to ask for it; since Koji 1.36 they need
/// not be taken at their word.
fn requested<'d>(cx: &Cx<'_>, draft: &'d Draft) -> Option<&'d Lookup> {
    let usual = default_channel(&draft.new.method);
    let is_usual = |channel: &Lookup| *channel == Lookup::from(usual) && usual != "default";
    let takes_usual = cx.env.config.flag("DefaultChannelCompat");
    draft.new.channel.as_ref().filter(|channel| takes_usual || !is_usual(channel))
}

/// What a rule of the policy `priority` makes of a task's priority.
fn adjusted(action: &str, priority: i64) -> Result<i64> {
    let mut words = action.split_whitespace();
    let (verb, number) = (words.next(), words.next().and_then(|word| word.parse::<i64>().ok()));
    match (verb, number) {
        (Some("stay"), _) => Ok(priority),
        (Some("set"), Some(number)) => Ok(number),
        (Some("adjust"), Some(number)) => Ok(priority.saturating_add(number)),
        _ => Err(invalid("priority", action)),
    }
}

fn invalid(policy: &str, action: &str) -> Error {
    Error::generic(format!("invalid {policy} policy: {action:?} cannot be done for this task"))
}

/// Channels that have been looked up: of the tasks of a call most go to the same.
#[derive(Default)]
pub(super) struct Channels(HashMap<Lookup, ChannelRow>);

impl Channels {
    fn get(&mut self, cx: &mut Cx<'_>, wanted: &Lookup) -> Result<&ChannelRow> {
        match self.0.entry(wanted.clone()) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(unknown) => Ok(unknown.insert(channel::get(cx, wanted)?)),
        }
    }

    /// The id of one that is enabled.
    fn enabled(&mut self, cx: &mut Cx<'_>, wanted: &Lookup) -> Result<i32> {
        let channel = self.get(cx, wanted)?;
        if channel.enabled {
            return Ok(channel.id);
        }
        Err(Error::generic(format!("Channel {} is disabled.", channel.name)))
    }

    /// The channel that is asked for, which must be one that takes tasks.
    pub(super) fn requested(&mut self, cx: &mut Cx<'_>, draft: &Draft) -> Result<Option<i32>> {
        requested(cx, draft).map(|wanted| self.enabled(cx, wanted)).transpose()
    }

    /// The channel of a new task.
    pub(super) fn of(&mut self, cx: &mut Cx<'_>, draft: &Draft, data: &Map) -> Result<i32> {
        let requested = self.requested(cx, draft)?;
        let Some(action) = policy::choose(cx, "channel", data)?.action else {
            let compat = cx.env.config.flag("DefaultChannelCompat");
            let usual = if compat { "default" } else { default_channel(&draft.new.method) };
            tracing::warn!(channel = usual, "no rule of the policy channel holds");
            return Ok(self.get(cx, &usual.into())?.id);
        };
        match Place::parse(&action)? {
            Place::Use(name) => self.enabled(cx, &Lookup::Name(name)),
            Place::Parent => draft
                .parent
                .as_ref()
                .map(|parent| parent.channel_id)
                .ok_or_else(|| invalid("channel", &action)),
            Place::Default => Ok(self.get(cx, &default_channel(&draft.new.method).into())?.id),
            Place::Requested => requested.ok_or_else(|| invalid("channel", &action)),
        }
    }
}

/// The priority of a new task.
pub(super) fn priority(cx: &mut Cx<'_>, draft: &Draft, data: &Map) -> Result<i64> {
    match policy::choose(cx, "priority", data)?.action {
        Some(action) => adjusted(&action, draft.priority),
        None => Ok(draft.priority),
    }
}

/// What both policies look at, for each task.
pub(super) fn data(cx: &mut Cx<'_>, drafts: &[Draft]) -> Result<Vec<Map>> {
    let requests = drafts.iter().map(|draft| (draft.new.method.as_str(), draft.new.params.as_slice()));
    let about = about::requests(cx, &requests.collect::<Vec<_>>())?;
    let whole = |(draft, about): (&Draft, Map)| {
        let new = &draft.new;
        let mut data: Map = vec![
            ("method".to_owned(), new.method.as_str().into()),
            ("arch".to_owned(), draft.arch.as_str().into()),
            ("parent".to_owned(), new.parent.into()),
            ("label".to_owned(), new.label.clone().into()),
            ("owner".to_owned(), draft.owner.into()),
            ("user_id".to_owned(), draft.owner.into()),
        ];
        if let Some(channel) = requested(cx, draft) {
            data.push(("req_channel".to_owned(), channel.to_string().into()));
        }
        data.extend(about);
        data
    };
    Ok(drafts.iter().zip(about).map(whole).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_of_the_channel_policy() {
        assert_eq!(Place::parse("use  fast").unwrap(), Place::Use("fast".into()));
        assert_eq!(Place::parse("req").unwrap(), Place::Requested);
        assert!(Place::parse("use").is_err());
        assert_eq!(Place::parse("default").unwrap(), Place::Default);
        assert!(Place::parse("other").is_err());
    }

    #[test]
    fn actions_of_the_priority_policy() {
        assert_eq!(adjusted("stay", 20).unwrap(), 20);
        assert_eq!(adjusted("set 5", 20).unwrap(), 5);
        assert_eq!(adjusted("adjust +3", 20).unwrap(), 23);
        assert_eq!(adjusted("adjust -3", 20).unwrap(), 17);
        assert!(adjusted("adjust", 20).is_err());
    }
}
