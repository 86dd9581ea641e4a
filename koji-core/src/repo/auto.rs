//! Requests for the tags whose extra setting `repo.auto` asks for repositories unasked.

use std::collections::{BTreeSet, HashMap};

use super::find::{self, Event};
use super::opts::NamedOpts;
use super::request::{self, Decision, Wanted};
use super::row::RepoRow;
use crate::Result;
use crate::context::Cx;
use crate::db::Query;
use crate::tag::change_events;
use crate::task::make::DEFAULT_PRIORITY;

/// How much later than usual requests these are dealt with, so that nobody waits for them.
const BEHIND: i64 = 5;

/// Makes the requests; how many are new.
pub fn request_all(cx: &mut Cx<'_>) -> Result<usize> {
    let (tags, lags) = settings(cx)?;
    let last = change_events::last_of_each(cx, &tags)?;
    let mut ready: HashMap<i32, Vec<RepoRow>> = HashMap::new();
    for repo in find::ready(cx, &tags)? {
        ready.entry(repo.tag_id).or_default().push(repo);
    }
    let waiting = request::waiting(cx, &tags)?;
    let default_s = cx.env.config.int("RepoAutoLag");
    let lags_s: BTreeSet<i64> = tags.iter().map(|tag| lags.get(tag).copied().unwrap_or(default_s)).collect();
    let bases = request::bases(cx, &lags_s)?;
    // a new hub has no event that is old enough
    let made = if bases.len() < lags_s.len() { change_events::created(cx, &tags)? } else { HashMap::new() };
    let mut new = Vec::new();
    for tag in tags {
        let Some(last) = last.get(&tag).copied() else { continue };
        let lag_s = lags.get(&tag).copied().unwrap_or(default_s);
        let min = bases.get(&lag_s).or_else(|| made.get(&tag)).map_or(last, |event| last.min(*event));
        let wanted = Wanted {
            tag_id: tag,
            event: Event::Min(min.into()),
            opts: NamedOpts::default(),
            priority: DEFAULT_PRIORITY + BEHIND,
        };
        if let Decision::New = request::decide(&wanted, ready.remove(&tag).unwrap_or_default(), &waiting)? {
            new.push(wanted);
        }
    }
    request::insert_many(cx, &new)?;
    Ok(new.len())
}

/// The tags that ask for repositories, and how old these may be, in seconds, where a tag says so.
fn settings(cx: &mut Cx<'_>) -> Result<(Vec<i32>, HashMap<i32, i64>)> {
    let rows: Vec<(i32, String, String)> = Query::from("tag_extra")
        .join("tag_config ON tag_config.tag_id = tag_extra.tag_id")
        .filter("tag_extra.key IN ?", vec!["repo.auto", "repo.lag"])
        .filter("tag_extra.active = TRUE AND tag_config.active = TRUE", ())
        .filter("tag_extra.value IS NOT NULL", ())
        .order("tag_extra.tag_id")
        .select(cx.db, "tag_extra.tag_id, tag_extra.key, tag_extra.value")?;
    let (mut tags, mut lags) = (Vec::new(), HashMap::new());
    for (tag, key, text) in rows {
        let Ok(value) = crate::wire::json::parse(text.as_bytes()) else { continue };
        if key == "repo.lag" {
            lags.extend(value.as_int().map(|lag_s| (tag, lag_s)));
        } else if value.is_true() {
            tags.push(tag);
        }
    }
    Ok((tags, lags))
}
