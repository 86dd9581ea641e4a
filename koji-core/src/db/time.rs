//! [`Time`]: a point in time as Koji's answers write it.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::{Error, Result};

/// Seconds since the epoch, to the microsecond. On the wire it is text: `2026-11-20 08:15:00.250000+00:00`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Time(pub f64);

impl Time {
    /// The clock of this machine.
    pub fn now() -> Self {
        Self::from(OffsetDateTime::now_utc())
    }

    /// Reads a date or a date with time, as clients give them: `2026-11-20`, `2026-11-20 08:15:00`, with `T`,
    /// fractions of a second and an offset; without one it is UTC.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = || Error::generic(format!("not a date: {text:?} (write YYYY-MM-DD HH:MM:SS)"));
        let trimmed = text.trim();
        let (date, rest) = trimmed.split_at_checked(10).ok_or_else(wrong)?;
        let mut full = date.to_owned();
        let clock = rest.trim_start_matches(['T', ' ']);
        full.push(' ');
        full.push_str(if clock.is_empty() { "00:00:00" } else { clock });
        if let Some(head) = full.strip_suffix('Z') {
            full = format!("{head}+00:00");
        }
        const LOCAL: &[BorrowedFormatItem<'_>] = format_description!(
            version = 2,
            "[year]-[month]-[day] [hour]:[minute][optional [:[second][optional [.[subsecond]]]]]"
        );
        const ZONED: &[BorrowedFormatItem<'_>] = format_description!(
            version = 2,
            "[year]-[month]-[day] [hour]:[minute][optional [:[second][optional [.[subsecond]]]]][optional [ ]][offset_hour sign:mandatory][optional [:[offset_minute]]]"
        );
        if let Ok(zoned) = OffsetDateTime::parse(&full, ZONED) {
            return Ok(zoned.into());
        }
        PrimitiveDateTime::parse(&full, LOCAL).map(|local| local.assume_utc().into()).map_err(|_| wrong())
    }

    fn date(self) -> OffsetDateTime {
        let micros = (self.0 * 1e6).round() as i128;
        OffsetDateTime::from_unix_timestamp_nanos(micros * 1000).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

impl From<OffsetDateTime> for Time {
    fn from(date: OffsetDateTime) -> Self {
        Self((date.unix_timestamp_nanos() / 1000) as f64 / 1e6)
    }
}

impl fmt::Display for Time {
    /// As Python writes an aware datetime: no fraction when there is none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let d = self.date();
        let (month, micros) = (u8::from(d.month()), d.microsecond());
        let (year, day, hour, minute, second) = (d.year(), d.day(), d.hour(), d.minute(), d.second());
        write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")?;
        if micros > 0 {
            write!(f, ".{micros:06}")?;
        }
        f.write_str("+00:00")
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_and_written_as_python_does() {
        for (text, want) in [
            ("2001-09-09", "2001-09-09 00:00:00+00:00"),
            ("2001-09-09 01:46:40.5", "2001-09-09 01:46:40.500000+00:00"),
            ("2001-09-09T03:46:40+02:00", "2001-09-09 01:46:40+00:00"),
            ("2001-09-09 01:46:40.250000+00:00", "2001-09-09 01:46:40.250000+00:00"),
            ("2001-09-09 01:46", "2001-09-09 01:46:00+00:00"),
        ] {
            assert_eq!(Time::parse(text).unwrap().to_string(), want);
        }
        assert!(Time::parse("not a date").is_err());
        assert_eq!(Time(1e9 + 0.5).to_string(), "2001-09-09 01:46:40.500000+00:00");
    }
}
