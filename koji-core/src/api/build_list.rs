//! The arguments of `listBuilds`.

use super::args::{Arg, expected};
use super::build::ListBuilds;
use super::cast::Truthy;
use crate::build::list::{Between, Wanted};
use crate::db::{Lookup, Time};
use crate::wire::{Map, Value};
use crate::{Error, Result};

/// A moment: seconds since the epoch, or a date as text. Nothing, 0 and the empty text mean none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment(pub Option<Time>);

impl Arg for Moment {
    fn take(value: Value) -> Result<Self> {
        Ok(Self(match &value {
            value if !value.is_true() => None,
            Value::Int(seconds) => Some(Time(*seconds as f64).in_calendar()?),
            Value::Bool(_) => Some(Time(1.0)),
            Value::Double(seconds) => Some(Time(*seconds).in_calendar()?),
            Value::String(text) => Some(
                Time::parse(text)
                    .map_err(|error| Error::unforeseen(error.message.clone()).caused_by(error))?,
            ),
            other => return Err(expected("a time", other)),
        }))
    }
    fn give(&self) -> Value {
        self.0.map_or(Value::Nil, |time| Value::Double(time.0))
    }
}

/// What the arguments ask for. Empty texts ask for nothing, as they always did.
pub(super) fn wanted(m: ListBuilds) -> Result<Wanted> {
    let columns: &[&'static str] = match m.r#type.as_ref().and_then(Lookup::name) {
        Some("maven") => &["group_id", "artifact_id", "version"],
        Some("win") => &["platform"],
        _ => &[],
    };
    // of other types nobody looks at it
    let info = match columns {
        [] => Map::new(),
        _ => Truthy::<Map>::take(m.typeInfo)?.0.unwrap_or_default(),
    };
    if columns == ["platform"] && !info.is_empty() && !info.iter().any(|(key, _)| key == "platform") {
        return Err(Error::unforeseen("typeInfo of Windows builds lacks platform"));
    }
    let of = |column: &&'static str| {
        let (_, value) = info.iter().find(|(key, _)| key == column)?;
        Some(<Option<String> as Arg>::take(value.clone()).map(|value| (*column, value)))
    };
    Ok(Wanted {
        package: m.packageID,
        user: m.userID,
        promoter: m.promoter,
        task: m.taskID,
        prefix: m.prefix.0.map(|prefix| prefix.0),
        pattern: m.pattern.0,
        source: m.source,
        state: m.state,
        volume: m.volumeID,
        cg: m.cgID.0,
        draft: m.draft,
        created: Between { before: m.createdBefore.0, after: m.createdAfter.0 },
        completed: Between { before: m.completeBefore.0, after: m.completeAfter.0 },
        promoted: Between { before: m.promotedBefore.0, after: m.promotedAfter.0 },
        btype: m.r#type,
        type_info: columns.iter().filter_map(of).collect::<Result<_>>()?,
    })
}
