//! Methods about the past.

use std::collections::BTreeMap;

use super::args::{Arg, expected};
use super::cast::{IntLike, Iterated, KeyText};
use crate::db::{Lookup, QueryOpts, Rows, Time, lookup};
use crate::history::query::{self, About, Wanted};
use crate::history::row::HistoryRow;
use crate::methods;
use crate::tag::change_events;
use crate::wire::{Map, Value};
use crate::{Error, Result};

methods! {
    /// The rows of versioned tables, past and present, by table: all tables, or those that are named. Keywords:
    /// what they are about (tag, build, package, user, permission, external_repo, build_target, group, cg, host,
    /// channel, xkey); when they were made or ended (before, after, beforeEvent, afterEvent); active; editor;
    /// queryOpts.
    read Anyone => QueryHistory "queryHistory" (tables: Option<Iterated> = None; kwargs kwargs)
        -> BTreeMap<&'static str, Rows<HistoryRow>> = |m, cx| {
            let (wanted, opts) = read(m.kwargs)?;
            let names = m.tables.map(|tables| tables.0.into_iter().map(table_name).collect::<Result<Vec<_>>>());
            query::query(cx, names.transpose()?.as_deref(), &wanted, &opts)
        };

    /// Whether any of some tags has changed since an event. Inheritance is not followed.
    read Anyone => TagChangedSinceEvent "tagChangedSinceEvent" (event: Option<i64>, taglist: Vec<Option<i64>>)
            -> bool = |m, cx| {
            if m.taglist.is_empty() {
                return Err(Error::unforeseen("taglist is empty: name at least one tag's id"));
            }
            // ids beyond the database's are those of no tag, and nothing comes after null
            let tags: Vec<i32> = m.taglist.into_iter().filter_map(|tag| i32::try_from(tag?).ok()).collect();
            m.event.map_or(Ok(false), |id| change_events::since(cx, event(IntLike(id)), &tags))
        };

    /// The last event that changed a tag or what it inherits from, before another event if one is given.
    read Anyone => TagLastChangeEvent "tagLastChangeEvent"
            (tag: Lookup, before: Option<IntLike> = None, inherit: bool = true) -> Option<i32>
        = |m, cx| change_events::last_of(cx, &m.tag, m.before.map(event), m.inherit);

    /// The first event after another one that changed a tag or what it inherits from; else the event that made it.
    read Anyone => TagFirstChangeEvent "tagFirstChangeEvent"
            (tag: Lookup, after: Option<IntLike> = None, inherit: bool = true) -> Option<i32> = |m, cx| {
        let tag = lookup::get(cx, "tag", "tag", &m.tag)?.id;
        change_events::first_of(cx, tag, m.after.map(event), m.inherit)
    };
}

fn table_name(value: Value) -> Result<String> {
    KeyText::take(value).map(|name| name.0)
}

/// An event's id; those beyond the database's are later than all there are.
fn event(id: IntLike) -> i32 {
    id.0.clamp(i32::MIN.into(), i32::MAX.into()) as i32
}

/// Reads the keywords; unknown ones are passed over, as Koji does.
fn read(options: Map) -> Result<(Wanted, QueryOpts)> {
    let (mut wanted, mut opts) = (Wanted::default(), QueryOpts::default());
    for (key, value) in options {
        let about = match key.as_str() {
            "queryOpts" => {
                opts = Arg::take(value)?;
                continue;
            }
            "active" => {
                wanted.active = (!value.is_nil()).then(|| value.is_true());
                continue;
            }
            "editor" => {
                wanted.editor = Some(Arg::take(value)?);
                continue;
            }
            "after" | "before" => {
                let time = Some(time(&key, value)?);
                if key == "after" {
                    wanted.after = time
                } else {
                    wanted.before = time
                }
                continue;
            }
            "afterEvent" | "beforeEvent" => {
                let event = Some(i64::take(value)?);
                if key == "afterEvent" {
                    wanted.after_event = event
                } else {
                    wanted.before_event = event
                }
                continue;
            }
            "tag" => About::Tag(Arg::take(value)?),
            "build" => About::Build(value),
            "host" => About::Host(Arg::take(value)?),
            "channel" => About::Channel(Arg::take(value)?),
            "package" => About::Package(Arg::take(value)?),
            "user" => About::User(Arg::take(value)?),
            "permission" => About::Permission(Arg::take(value)?),
            "cg" => About::Cg(Arg::take(value)?),
            "external_repo" => About::ExternalRepo(Arg::take(value)?),
            "build_target" => About::BuildTarget(Arg::take(value)?),
            "group" => About::Group(Arg::take(value)?),
            "xkey" => About::Xkey(value.column_text().unwrap_or_default()),
            _ => continue,
        };
        wanted.about.push(about);
    }
    Ok((wanted, opts))
}

/// Seconds since the epoch, or a date with or without time.
fn time(key: &str, value: Value) -> Result<Time> {
    match value {
        Value::Int(_) | Value::Double(_) => f64::take(value).map(Time),
        Value::String(text) => Time::parse(&text),
        Value::DateTime(text) => wire_time(&text).ok_or_else(|| {
            Error::parameter(format!("{key}: not a time: {text:?} (write YYYYMMDDTHH:MM:SS)"))
        }),
        other => Err(expected("seconds since the epoch or a date", &other)),
    }
}

/// XML-RPC writes times without dashes: `20261120T08:15:00`.
fn wire_time(text: &str) -> Option<Time> {
    let (date, clock) = text.split_once('T')?;
    let (year, rest) = date.split_at_checked(4)?;
    let (month, day) = rest.split_at_checked(2)?;
    Time::parse(&format!("{year}-{month}-{day} {clock}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_come_in_several_forms() {
        let seconds = |value: Value| time("after", value).map(|time| time.0).ok();
        assert_eq!(seconds(1_000_000_000.into()), Some(1e9));
        assert_eq!(seconds("2001-09-09 01:46:40".into()), Some(1e9));
        assert_eq!(seconds(Value::DateTime("20010909T01:46:40".into())), Some(1e9));
        assert_eq!(seconds("soon".into()), None);
        assert_eq!(seconds(Value::Nil), None);
    }

    #[test]
    fn unknown_keywords_are_passed_over() {
        let options = vec![("bogus".to_owned(), Value::Nil), ("tag".to_owned(), "f40".into())];
        let (wanted, opts) = read(options).unwrap();
        assert_eq!(wanted.about.len(), 1);
        assert!(opts.is_plain() && wanted.active.is_none());
    }
}
