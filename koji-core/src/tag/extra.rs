//! A tag's extra settings: any value under any key, inherited key by key.
//!
//! They are stored as JSON text; NULL blocks an inherited setting, JSON's null is a value.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::context::Cx;
use crate::db::{Bind, Query, versioned};
use crate::wire::{self, Value};
use crate::{Error, Result};

/// Settings by their key.
pub type Extras = BTreeMap<String, Value>;

/// Settings by their key, each with whether it is blocked: `[true, null]` is, `[false, value]` is not.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct BlockedExtras(pub BTreeMap<String, (bool, Value)>);

impl BlockedExtras {
    /// Without the blocked ones.
    pub fn unblocked(self) -> Extras {
        self.0
            .into_iter()
            .filter(|(_, (blocked, _))| !blocked)
            .map(|(key, (_, value))| (key, value))
            .collect()
    }
}

/// The own settings of several tags, by tag.
pub fn load(cx: &mut Cx<'_>, tags: &[i32], event: Option<i32>) -> Result<BTreeMap<i32, BlockedExtras>> {
    let rows = Query::from("tag_extra")
        .filter("tag_extra.tag_id IN ?", tags)
        .at("tag_extra", event)
        .select::<(i32, String, Option<String>)>(cx.db, "tag_extra.tag_id, tag_extra.key, tag_extra.value")?;
    let mut extras: BTreeMap<i32, BlockedExtras> = BTreeMap::new();
    for (tag, key, text) in rows {
        let value = match &text {
            None => (true, Value::Nil),
            Some(text) => (false, parse(&key, text)?),
        };
        extras.entry(tag).or_default().0.insert(key, value);
    }
    Ok(extras)
}

fn parse(key: &str, text: &str) -> Result<Value> {
    wire::json::parse(text.as_bytes()).map_err(|error| {
        Error::generic(format!("the stored tag extra {key:?} is not JSON: {error}")).caused_by(error)
    })
}

/// What to do to a tag's settings.
#[derive(Clone, Debug, Default)]
pub struct ExtraChanges {
    /// To add or replace
    pub set: Vec<(String, Value)>,
    /// To block
    pub block: Vec<String>,
    /// To remove; a blocked one is not there to be removed
    pub remove: Vec<String>,
}

/// Changes a tag's settings. What is set to the value that it has already stays as it is.
pub fn change(cx: &mut Cx<'_>, tag: i32, own: &Extras, changes: &ExtraChanges) -> Result<()> {
    let ExtraChanges { set, block, remove } = changes;
    if let Some((key, _)) = set.iter().find(|(key, _)| block.contains(key) || remove.contains(key)) {
        return Err(Error::generic(format!("Can not both add/update and remove tag-extra: '{key}'")));
    }
    let mut rows: BTreeMap<&str, Option<String>> = BTreeMap::new();
    for (key, value) in set {
        let text = wire::python_json::dumps(value)?;
        if !own.get(key).is_some_and(|old| same(old, value)) {
            rows.insert(key, Some(text));
        }
    }
    rows.extend(block.iter().map(|key| (key.as_str(), None)));
    let unknown: Vec<&str> =
        remove.iter().filter(|key| !own.contains_key(*key)).map(String::as_str).collect();
    if !unknown.is_empty() {
        return Err(Error::generic(format!("The tag doesn't have extra: {}", unknown.join(", "))));
    }
    let ended: Vec<&str> = rows.keys().copied().chain(remove.iter().map(String::as_str)).collect();
    if !ended.is_empty() {
        versioned::revoke(cx, "tag_extra", "tag_id = ? AND key IN ?", (tag, ended))?;
    }
    rows.retain(|key, _| !remove.iter().any(|removed| removed == key));
    create(cx, tag, rows)
}

/// Whether two values are equal; the order of a struct's members does not count.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Struct(members), Value::Struct(others)) => {
            members.len() == others.len()
                && members.iter().all(|(key, value)| other.get(key).is_some_and(|other| same(value, other)))
        }
        (Value::Array(items), Value::Array(others)) => {
            items.len() == others.len() && items.iter().zip(others).all(|(one, other)| same(one, other))
        }
        _ => one == other,
    }
}

fn create(cx: &mut Cx<'_>, tag: i32, rows: BTreeMap<&str, Option<String>>) -> Result<()> {
    let rows = rows.into_iter().map(|(key, text)| vec![tag.into(), key.into(), Bind::from(text)]).collect();
    versioned::create_many(cx, "tag_extra", &["tag_id", "key", "value"], rows)
}

/// Gives a new tag its settings.
pub fn set_first(cx: &mut Cx<'_>, tag: i32, extras: &[(String, Value)]) -> Result<()> {
    let mut rows = BTreeMap::new();
    for (key, value) in extras {
        rows.insert(key.as_str(), Some(wire::python_json::dumps(value)?));
    }
    create(cx, tag, rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_may_come_in_any_order() {
        let pair = |key: &str, value: i64| (key.to_owned(), Value::Int(value));
        let one = Value::Struct(vec![pair("a", 1), pair("b", 2)]);
        let other = Value::Struct(vec![pair("b", 2), pair("a", 1)]);
        assert!(same(&Value::Array(vec![one.clone()]), &Value::Array(vec![other])));
        assert!(!same(&one, &Value::Struct(vec![pair("a", 1)])));
        assert!(!same(&1.into(), &"1".into()));
    }
}
