//! How long builds of a package take.

use time::{Date, Month};

use super::state::BuildState;
use crate::context::Cx;
use crate::db::{Lookup, Query, Time};
use crate::{Error, Result, package};

/// The average time in seconds from the entry of a build to its end, over the last months if that is said, which
/// is asked once the package is found. Imports do not count.
pub fn average(
    cx: &mut Cx<'_>,
    package: &Lookup,
    months: impl FnOnce() -> Result<Option<i64>>,
) -> Result<Option<f64>> {
    let Some(package) = package::lookup::find(cx, package)? else { return Ok(None) };
    let since = months()?.map(|months| before(cx.now(), months)).transpose()?;
    let times: Vec<(f64, f64)> = Query::from("build")
        .join("events ON build.create_event = events.id")
        .filter("build.pkg_id = ? AND build.state = ?", (package.id, BuildState::Complete.number()))
        .filter("build.task_id IS NOT NULL OR build.extra LIKE '%koji_task_id%'", ())
        .filter_some("build.completion_time > ?", since)
        .select(cx.db, "build.completion_time, events.time")?;
    if times.is_empty() {
        return Ok(None);
    }
    let sum: f64 = times.iter().map(|(end, start)| end - start).sum();
    Ok(Some(sum / times.len() as f64))
}

/// The same day so many months ago, or the last one that month has.
fn before(now: Time, months: i64) -> Result<Time> {
    let far = || Error::unforeseen(format!("{months} months ago is no date"));
    let then = time::OffsetDateTime::from_unix_timestamp(now.0 as i64).map_err(|_| far())?;
    let count = i64::from(then.year()) * 12 + i64::from(u8::from(then.month())) - 1;
    let count = count.checked_sub(months).ok_or_else(far)?;
    let year = i32::try_from(count.div_euclid(12)).map_err(|_| far())?;
    let month = u8::try_from(count.rem_euclid(12) + 1).ok().and_then(|month| Month::try_from(month).ok());
    let month = month.ok_or_else(far)?;
    let day = then.day().min(month.length(year));
    let date = Date::from_calendar_date(year, month, day).map_err(|_| far())?;
    Ok(Time::from(then.replace_date(date)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_ago() {
        let day = |text: &str, months| before(Time::parse(text).unwrap(), months).unwrap().to_string();
        assert_eq!(day("2026-03-31", 1), "2026-02-28 00:00:00+00:00");
        assert_eq!(day("2026-03-05", 15), "2024-12-05 00:00:00+00:00");
        assert!(before(Time(0.0), i64::MAX).is_err());
    }
}
