//! The changelog of an rpm, as `getChangelogEntries` tells it.

use serde::Serialize;
use time::OffsetDateTime;
use time::macros::format_description;

use super::RpmFile;
use super::number::{CHANGELOGNAME, CHANGELOGTEXT, CHANGELOGTIME};

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChangelogEntry {
    /// Day and time in UTC, `2023-11-13 12:00:00`.
    pub date: String,
    /// The same in seconds since the epoch.
    pub date_ts: i64,
    /// Name, address and usually the version.
    pub author: String,
    /// What changed, lines and all.
    pub text: String,
}

impl RpmFile {
    /// The changelog, newest first.
    pub fn changelog(&self) -> Vec<ChangelogEntry> {
        let times = self.header.numbers(CHANGELOGTIME).into_iter();
        let authors = self.header.texts(CHANGELOGNAME).into_iter();
        let texts = self.header.texts(CHANGELOGTEXT).into_iter();
        let entry =
            |((date_ts, author), text): ((u64, std::borrow::Cow<'_, str>), std::borrow::Cow<'_, str>)| {
                let date_ts = date_ts.cast_signed();
                ChangelogEntry {
                    date: date(date_ts),
                    date_ts,
                    author: author.into_owned(),
                    text: text.into_owned(),
                }
            };
        times.zip(authors).zip(texts).map(entry).collect()
    }
}

/// A time outside of the calendar, which a header may hold, is given as its number.
fn date(seconds: i64) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    let time = OffsetDateTime::from_unix_timestamp(seconds).ok();
    time.and_then(|time| time.format(format).ok()).unwrap_or_else(|| seconds.to_string())
}
