//! Into which channel a new task goes, and with which priority: what the policies `channel` and `priority` say.

use super::make::Draft;
use crate::channel::{self, ChannelRow};
use crate::context::Cx;
use crate::db::Lookup;
use crate::{Error, Result};

/// What a rule of the policy `channel` says.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    /// This channel
    Use(String),
    /// The parent's
    Parent,
    /// The one that was asked for
    Requested,
}

impl Place {
    fn parse(action: &str) -> Result<Self> {
        let mut words = action.split_whitespace();
        match (words.next(), words.next()) {
            (Some("use"), Some(channel)) => Ok(Self::Use(channel.to_owned())),
            (Some("parent"), _) => Ok(Self::Parent),
            (Some("req"), _) => Ok(Self::Requested),
            _ => Err(invalid("channel", action)),
        }
    }
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

/// The channel of a new task.
pub(super) fn channel(cx: &mut Cx<'_>, draft: &Draft) -> Result<i32> {
    let requested = match &draft.new.channel {
        Some(wanted) => Some(enabled(channel::get(cx, wanted)?)?.id),
        None => None,
    };
    let action = by_policy(draft);
    match Place::parse(action)? {
        Place::Use(name) => Ok(enabled(channel::get(cx, &Lookup::Name(name))?)?.id),
        Place::Parent => {
            draft.parent.as_ref().map(|parent| parent.channel_id).ok_or_else(|| invalid("channel", action))
        }
        Place::Requested => requested.ok_or_else(|| invalid("channel", action)),
    }
}

/// The priority of a new task.
pub(super) fn priority(_cx: &mut Cx<'_>, draft: &Draft) -> Result<i64> {
    adjusted("stay", draft.priority)
}

/// Koji's default policy: the channel that was asked for, else the parent's, else `default`.
fn by_policy(draft: &Draft) -> &'static str {
    match (&draft.new.channel, &draft.parent) {
        (Some(_), _) => "req",
        (None, Some(_)) => "parent",
        (None, None) => "use default",
    }
}

fn enabled(channel: ChannelRow) -> Result<ChannelRow> {
    if channel.enabled {
        return Ok(channel);
    }
    Err(Error::generic(format!("Channel {} is disabled.", channel.name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_of_the_channel_policy() {
        assert_eq!(Place::parse("use  fast").unwrap(), Place::Use("fast".into()));
        assert_eq!(Place::parse("req").unwrap(), Place::Requested);
        assert!(Place::parse("use").is_err());
        assert!(Place::parse("default").is_err());
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
