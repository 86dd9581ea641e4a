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

    /// Refuses what no calendar has: Koji's ends with the year 9999.
    pub fn in_calendar(self) -> Result<Self> {
        const END: f64 = 253_402_300_800.0;
        match self.0 < END {
            true => Ok(self),
            false => Err(Error::unforeseen(format!("{} is out of range for a date", self.0))),
        }
    }

    /// As Python writes an aware datetime: no fraction when there is none.
    fn text(self) -> Text {
        let micros = (self.0 * 1e6).round() as i64;
        let date = OffsetDateTime::from_unix_timestamp(micros.div_euclid(1_000_000));
        let (date, micros) =
            date.map_or((OffsetDateTime::UNIX_EPOCH, 0), |date| (date, micros.rem_euclid(1_000_000)));
        let mut text = Text { bytes: [0; 40], len: 0 };
        let number = |number: u8| u32::from(number);
        if date.year() < 0 {
            text.push(b"-");
        }
        text.digits(date.year().unsigned_abs(), 4);
        for (mark, value) in [
            (b"-", number(date.month().into())),
            (b"-", number(date.day())),
            (b" ", number(date.hour())),
            (b":", number(date.minute())),
            (b":", number(date.second())),
        ] {
            text.push(mark);
            text.digits(value, 2);
        }
        if micros > 0 {
            text.push(b".");
            text.digits(micros as u32, 6);
        }
        text.push(b"+00:00");
        text
    }
}

/// Text of a time. Listings have tens of thousands of them, for which the standard library's formatting is slow.
struct Text {
    bytes: [u8; 40],
    len: usize,
}

impl Text {
    fn push(&mut self, bytes: &[u8]) {
        self.bytes[self.len..self.len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }

    /// The last digits of a number, so many.
    fn digits(&mut self, mut number: u32, count: usize) {
        for at in (self.len..self.len + count).rev() {
            self.bytes[at] = b'0' + (number % 10) as u8;
            number /= 10;
        }
        self.len += count;
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

impl From<OffsetDateTime> for Time {
    fn from(date: OffsetDateTime) -> Self {
        Self((date.unix_timestamp_nanos() / 1000) as f64 / 1e6)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().as_str())
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text().as_str())
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
        for (seconds, text) in [
            (1e9 + 0.5, "2001-09-09 01:46:40.500000+00:00"),
            (0.0, "1970-01-01 00:00:00+00:00"),
            (-0.25, "1969-12-31 23:59:59.750000+00:00"),
            (951_827_696.000_007, "2000-02-29 12:34:56.000007+00:00"),
            (-62_135_596_800.0, "0001-01-01 00:00:00+00:00"),
            (253_402_300_799.0, "9999-12-31 23:59:59+00:00"),
            (1e18, "1970-01-01 00:00:00+00:00"),
        ] {
            assert_eq!(Time(seconds).to_string(), text);
        }
    }
}
