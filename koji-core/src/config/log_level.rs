//! `LogLevel`: Koji's words for what is logged, as a filter of our own log.
//!
//! The value is a list of levels: `INFO` for everything, `koji.db:DEBUG` or `.db:DEBUG` for a room. Koji's loggers are
//! `koji.NAME`; here they are the rooms of the library.

use super::ini::wrong;
use crate::Result;

const LEVELS: [(&str, &str); 5] =
    [("DEBUG", "debug"), ("INFO", "info"), ("WARNING", "warn"), ("ERROR", "error"), ("CRITICAL", "error")];

/// The filter, if the option or `KojiDebug` says anything.
pub(super) fn filter(option: Option<&str>, debug: bool) -> Result<Option<String>> {
    let mut default = option.map(|_| "warn");
    let mut rooms = Vec::new();
    for part in option.unwrap_or_default().split_whitespace() {
        let (name, level) = part.split_once(':').unwrap_or(("", part));
        let Some((_, level)) = LEVELS.iter().find(|(known, _)| *known == level) else {
            let known = LEVELS.map(|(known, _)| known).join(", ");
            return Err(wrong(format!("invalid log level {level:?} in LogLevel: give one of {known}")));
        };
        match name.strip_prefix("koji").unwrap_or(name).trim_start_matches('.') {
            "" => default = Some(level),
            room => rooms.push(format!("koji_core::{}={level}", room.replace('.', "::"))),
        }
    }
    if debug {
        default = Some("debug");
    }
    let Some(default) = default else { return Ok(None) };
    rooms.insert(0, default.to_owned());
    Ok(Some(rooms.join(",")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels() {
        let of = |option| filter(option, false).unwrap();
        assert_eq!(of(None), None);
        assert_eq!(of(Some("INFO")).as_deref(), Some("info"));
        assert_eq!(of(Some("koji.db:DEBUG INFO")).as_deref(), Some("info,koji_core::db=debug"));
        assert_eq!(of(Some(".policy:ERROR")).as_deref(), Some("warn,koji_core::policy=error"));
        assert_eq!(of(Some("koji:CRITICAL")).as_deref(), Some("error"));
        assert_eq!(filter(None, true).unwrap().as_deref(), Some("debug"));
        assert!(filter(Some("info"), false).unwrap_err().message.contains("INFO"));
    }
}
