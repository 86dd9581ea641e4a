//! Events: the points in time at which something versioned changed.

use crate::context::Cx;
use crate::db::{Query, Time};
use crate::{Error, Result};

crate::row! {
    /// An event as clients see it.
    pub struct EventRow {
        /// Its id
        pub id: i32 = "events.id",
        /// When it was, in seconds since the epoch
        pub ts: f64 = "events.time",
    }
}

/// Times in seconds since the epoch that both databases can hold, the years 1 and 9999: all events are between.
const OLDEST: f64 = -62_000_000_000.0;
const NEWEST: f64 = 253_000_000_000.0;

/// An event by its id, if there is one.
pub fn find(cx: &mut Cx<'_>, id: i64) -> Result<Option<EventRow>> {
    Query::from("events").filter("events.id = ?", id).first(cx.db)
}

/// An event by its id.
pub fn get(cx: &mut Cx<'_>, id: i64) -> Result<EventRow> {
    find(cx, id)?.ok_or_else(|| Error::generic(format!("No such event: {id}")))
}

/// The last event, or the last before a time in seconds since the epoch.
pub fn last(cx: &mut Cx<'_>, before: Option<f64>) -> Result<Option<EventRow>> {
    Query::from("events")
        .filter_some("events.time < ?", before.map(|before| Time(before.clamp(OLDEST, NEWEST))))
        .order_desc("events.id")
        .limit(1)
        .first(cx.db)
}

/// The last event, which there must be.
pub fn get_last(cx: &mut Cx<'_>, before: Option<f64>) -> Result<EventRow> {
    last(cx, before)?.ok_or_else(|| match before {
        Some(before) => Error::generic(format!("No event before {before}")),
        None => Error::generic("There is no event yet"),
    })
}
