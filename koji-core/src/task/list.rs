//! `listTasks`: tasks by what is known of them.

use super::row::{self, TaskRow};
use super::stored::Stored;
use crate::context::Cx;
use crate::db::bind::Each;
use crate::db::{Bind, Query, QueryOpts, Rows, Time};
use crate::wire::{Map, Value};
use crate::{Error, Result};

crate::row! {
    /// A task with all that is known of it.
    pub struct ListedTask: TaskRow {
        /// What it was asked
        pub request: Option<Stored> = "task.request",
        /// What came of it
        pub result: Option<Stored> = "task.result",
        /// The name of the user who asked for it
        pub owner_name: Option<String> = "users.name",
        /// The kind of that user
        pub owner_type: Option<i32> = "users.usertype",
    }
}

/// The options that take a list.
const LISTS: [(&str, &str); 4] = [
    ("arch", "task.arch IN ?"),
    ("state", "task.state IN ?"),
    ("not_arch", "task.arch NOT IN ?"),
    ("not_state", "task.state NOT IN ?"),
];

/// The options that take an id, a list of ids or null.
const IDS: [&str; 4] = ["owner", "host_id", "channel_id", "parent"];

/// The options that take a time.
const TIMES: [(&str, &str); 8] = [
    ("createdBefore", "task.create_time < ?"),
    ("createdAfter", "task.create_time > ?"),
    ("startedBefore", "task.start_time < ?"),
    ("startedAfter", "task.start_time > ?"),
    ("completeBefore", "task.completion_time < ?"),
    ("completeAfter", "task.completion_time > ?"),
    ("completedBefore", "task.completion_time < ?"),
    ("completedAfter", "task.completion_time > ?"),
];

/// The tasks that fulfil all options. Unknown options are passed over, as Koji does.
pub fn list(cx: &mut Cx<'_>, options: &Map, opts: &QueryOpts) -> Result<Rows<ListedTask>> {
    let mut query = Query::from("task").left_join("users ON users.id = task.owner");
    for (name, value) in options {
        query = filter(query, name, value)?;
    }
    let mut rows = query.rows::<ListedTask>(cx.db, opts)?;
    let decode = options.iter().any(|(name, value)| name == "decode" && value.is_true());
    if let (true, Rows::List(tasks)) = (decode, &mut rows) {
        tasks.iter_mut().try_for_each(decode_texts)?;
    }
    Ok(rows)
}

fn decode_texts(task: &mut ListedTask) -> Result<()> {
    if let Some(Stored::Text(text)) = &task.request {
        task.request = Some(Stored::request(text)?);
    }
    if let Some(Stored::Text(text)) = &task.result {
        task.result = Some(Stored::result(text)?);
    }
    Ok(())
}

fn filter(query: Query, name: &str, value: &Value) -> Result<Query> {
    if let Some((_, condition)) = LISTS.iter().find(|(option, _)| *option == name) {
        return Ok(query.filter(condition, Each(vec![set(name, value)?])));
    }
    let (column, not) = name.strip_prefix("not_").map_or((name, false), |column| (column, true));
    if IDS.contains(&column) {
        return by_id(query, column, not, value);
    }
    if let Some((_, condition)) = TIMES.iter().find(|(option, _)| *option == name) {
        return match value {
            Value::Nil => Ok(query),
            value => Ok(query.filter(condition, time(name, value)?)),
        };
    }
    if name == "method" {
        return match value {
            Value::String(method) => Ok(query.filter("task.method = ?", method)),
            Value::Nil => Ok(query.filter("1 = 0", ())),
            other => Err(wrong(name, "a string", other)),
        };
    }
    Ok(query)
}

fn by_id(query: Query, column: &str, not: bool, value: &Value) -> Result<Query> {
    let (is_null, is_in, is) =
        if not { ("IS NOT NULL", "NOT IN ?", "!= ?") } else { ("IS NULL", "IN ?", "= ?") };
    let condition = |test| format!("task.{column} {test}");
    Ok(match value {
        Value::Nil => query.filter(&condition(is_null), ()),
        Value::Int(id) => query.filter(&condition(is), *id),
        list @ Value::Array(_) => query.filter(&condition(is_in), Each(vec![set(column, list)?])),
        other => return Err(wrong(column, "an id, a list of ids or null", other)),
    })
}

/// A list, all of numbers or all of texts.
fn set(name: &str, value: &Value) -> Result<Bind> {
    let Value::Array(list) = value else { return Err(wrong(name, "a list", value)) };
    if list.is_empty() {
        return Err(Error::unforeseen(format!("listTasks: {name} is a list with at least one item")));
    }
    // no row has null in a list
    let list: Vec<&Value> = list.iter().filter(|value| !value.is_nil()).collect();
    let ints: Option<Vec<i64>> = list.iter().map(|value| value.as_int()).collect();
    let texts: Option<Vec<&str>> = list.iter().map(|value| value.as_str()).collect();
    match (name.ends_with("arch"), ints, texts) {
        (true, _, Some(texts)) => Ok(texts.into()),
        (false, Some(ints), _) => Ok(ints.into()),
        _ => Err(wrong(name, "a list of things of its type", value)),
    }
}

fn time(name: &str, value: &Value) -> Result<Time> {
    match value {
        Value::String(text) | Value::DateTime(text) => {
            Time::parse(text).map_err(|error| Error::unforeseen(format!("{name}: {error}")))
        }
        other => other.as_f64().map(Time).ok_or_else(|| wrong(name, "a time", other)),
    }
}

fn wrong(name: &str, what: &str, value: &Value) -> Error {
    Error::unforeseen(format!("listTasks: {name} is {what}, not {}", value.kind()))
}

/// Tasks in the order of the ids that were asked for; None for those that are not there.
pub fn in_order(
    cx: &mut Cx<'_>,
    ids: &[i64],
    requests: row::Requests,
    strict: bool,
) -> Result<Vec<Option<row::TaskInfo>>> {
    let found = row::with_ids(cx, ids, requests)?;
    ids.iter()
        .map(|id| {
            let task = found.iter().find(|info| i64::from(info.task.id) == *id);
            if strict && task.is_none() { Err(row::unknown(*id)) } else { Ok(task.cloned()) }
        })
        .collect()
}
