//! Versioned rows: nothing is changed or deleted, it is revoked at an event and created anew.
//!
//! A row is active from its `create_event` until its `revoke_event`. The unique constraints over
//! `(.., active)` allow one active row a key; `active` of a revoked row is null.

use super::bind::{Bind, Binds, Each};
use super::write::{Insert, Update};
use crate::Result;
use crate::context::Cx;

/// The condition that a row of a versioned table is active now, or was at an event.
pub fn at(table: &str, event: Option<i32>) -> (String, Vec<Bind>) {
    match event {
        None => (format!("{table}.active = TRUE"), Vec::new()),
        Some(event) => (
            format!(
                "{table}.create_event <= ? AND ({table}.revoke_event IS NULL OR {table}.revoke_event > ?)"
            ),
            vec![event.into(), event.into()],
        ),
    }
}

/// Inserts a row that is active from this call's event on.
pub fn create(cx: &mut Cx<'_>, insert: Insert) -> Result<()> {
    let (event, user) = (cx.event()?, cx.user_id()?);
    insert.set("create_event", event).set("creator_id", user).execute(cx.db)
}

/// Inserts many rows that are active from this call's event on.
pub fn create_many(
    cx: &mut Cx<'_>,
    table: &'static str,
    columns: &[&'static str],
    rows: Vec<Vec<Bind>>,
) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let event = cx.event()?;
    create_apart(cx, table, columns, rows.into_iter().map(|row| (event, row)).collect())
}

/// Inserts many rows, each active from an event of its own on.
pub fn create_apart(
    cx: &mut Cx<'_>,
    table: &'static str,
    columns: &[&'static str],
    rows: Vec<(i32, Vec<Bind>)>,
) -> Result<()> {
    let user = cx.user_id()?;
    let columns: Vec<&'static str> = columns.iter().copied().chain(["create_event", "creator_id"]).collect();
    let stamped = rows
        .into_iter()
        .map(|(event, mut row)| {
            row.extend([event.into(), user.into()]);
            row
        })
        .collect();
    Insert::many(cx.db, table, &columns, stamped)
}

/// How many rows a statement ends at once: each adds to the depth of its condition, which SQLite bounds.
const CHUNK: usize = 400;

/// Ends active rows of a tag, each at an event of its own. `key` is the condition on a row, by the values that come
/// with each event.
pub fn revoke_apart(
    cx: &mut Cx<'_>,
    table: &'static str,
    tag: i32,
    key: &str,
    ended: &[(i32, Vec<Bind>)],
) -> Result<()> {
    let user = cx.user_id()?;
    for chunk in ended.chunks(CHUNK) {
        let cases = vec![format!("WHEN {key} THEN ?"); chunk.len()].join(" ");
        let with_event = |(event, key): &(i32, Vec<Bind>)| -> Vec<Bind> {
            key.iter().cloned().chain([Bind::from(*event)]).collect()
        };
        let keys: Vec<Bind> = chunk.iter().flat_map(|(_, key)| key.iter().cloned()).collect();
        Update::table(table)
            .set_raw(
                &format!("revoke_event = CASE {cases} END"),
                Each(chunk.iter().flat_map(with_event).collect()),
            )
            .set("revoker_id", user)
            .set("active", Bind::Null)
            .filter("tag_id = ? AND active = TRUE", tag)
            .filter(&vec![format!("({key})"); chunk.len()].join(" OR "), Each(keys))
            .execute(cx.db)?;
    }
    Ok(())
}

/// Ends the active rows that fulfil a condition, with this call's event; how many there were.
pub fn revoke(cx: &mut Cx<'_>, table: &'static str, condition: &str, binds: impl Binds) -> Result<usize> {
    let (event, user) = (cx.event()?, cx.user_id()?);
    Update::table(table)
        .set("revoke_event", event)
        .set("revoker_id", user)
        .set("active", Bind::Null)
        .filter("active = TRUE", ())
        .filter(condition, Each(binds.into_binds()))
        .execute(cx.db)
}
