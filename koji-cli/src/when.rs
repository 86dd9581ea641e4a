//! Times as people read and type them, in the local zone.

use std::ffi::CStr;
use std::time::{SystemTime, UNIX_EPOCH};

/// `Fri Nov 20 17:06:48 2026`, as C's asctime has it.
pub fn asctime(timestamp: f64) -> String {
    format_local(timestamp, c"%a %b %e %H:%M:%S %Y")
}

/// `Fri, 20 Nov 2026 17:06:48 UTC`.
pub fn long(timestamp: f64) -> String {
    format_local(timestamp, c"%a, %d %b %Y %H:%M:%S %Z")
}

/// `Fri Nov 20 2026`, the date of a changelog entry.
pub fn changelog_date(timestamp: f64) -> String {
    format_local(timestamp, c"%a %b %d %Y")
}

/// The time of a log line, with milliseconds.
pub fn log_time() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{},{:03}", format_local(now.as_secs_f64(), c"%Y-%m-%d %H:%M:%S"), now.subsec_millis())
}

/// Seconds since the epoch.
pub fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

/// A duration in minutes and seconds as messages show it: `1:05`.
pub fn duration(seconds: f64) -> String {
    let seconds = seconds as u64;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

fn format_local(timestamp: f64, format: &CStr) -> String {
    let seconds = timestamp.floor() as libc::time_t;
    let mut buffer = [0u8; 128];
    // SAFETY: a zeroed tm is valid, localtime_r fills it, and strftime writes at most the buffer's length.
    let length = unsafe {
        let mut parts: libc::tm = std::mem::zeroed();
        libc::localtime_r(&raw const seconds, &raw mut parts);
        libc::strftime(buffer.as_mut_ptr().cast(), buffer.len(), format.as_ptr(), &raw const parts)
    };
    String::from_utf8_lossy(&buffer[..length]).into_owned()
}

/// Reads a timestamp, or a local date with an optional time: `2026-11-20 17:06`.
pub fn parse(text: &str) -> Result<f64, String> {
    if let Ok(timestamp) = text.parse::<f64>() {
        return Ok(timestamp);
    }
    parse_local(text).ok_or_else(|| {
        format!("invalid time specification: {text:?}; use a timestamp or YYYY-MM-DD [HH:MM[:SS]]")
    })
}

fn parse_local(text: &str) -> Option<f64> {
    let (date, time) = text.trim().split_once([' ', 'T']).unwrap_or((text.trim(), "0:0:0"));
    let date: Vec<i32> = date.split('-').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let time: Vec<i32> = time.trim().split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let [year, month, day] = date[..] else { return None };
    let (hour, minute, second) = match time[..] {
        [hour, minute] => (hour, minute, 0),
        [hour, minute, second] => (hour, minute, second),
        _ => return None,
    };
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 24 || minute > 59 || second > 60 {
        return None;
    }
    // SAFETY: a zeroed tm is valid and mktime reads and normalizes it.
    let timestamp = unsafe {
        let mut parts: libc::tm = std::mem::zeroed();
        parts.tm_year = year - 1900;
        parts.tm_mon = month - 1;
        parts.tm_mday = day;
        parts.tm_hour = hour;
        parts.tm_min = minute;
        parts.tm_sec = second;
        parts.tm_isdst = -1;
        libc::mktime(&raw mut parts)
    };
    (timestamp != -1).then_some(timestamp as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_time_comes_back() {
        let timestamp = parse("2026-11-20 17:06:48").unwrap();
        assert!(asctime(timestamp).starts_with("Fri Nov 20 17:06:48 2026"), "{}", asctime(timestamp));
        assert!(long(timestamp).starts_with("Fri, 20 Nov 2026 17:06:48 "));
        assert_eq!(parse("1700000000").unwrap(), 1_700_000_000.0);
        assert_eq!(parse("2026-11-20T17:06").unwrap(), timestamp - 48.0);
    }

    #[test]
    fn rubbish_is_refused() {
        assert!(parse("next tuesday").is_err());
        assert!(parse("2026-13-01").is_err());
    }
}
