//! Free-form questions about what the scheduler keeps: any fields, under any clauses.
//!
//! A clause is `[field, value]` or `[field, operator, value]`; a list as value means any of them. Fields are
//! those of the rows below; `*` stands for the table's own, `**` for all.

use serde::Serialize;

use crate::api::args::OneOrMany;
use crate::context::Cx;
use crate::db::bind::Each;
use crate::db::{Bind, Query, QueryOpts, Row, Rows, Time};
use crate::wire::{Value, to_value};
use crate::{Error, Result, row};

/// Clauses as clients send them.
pub type Clauses = Vec<Vec<Value>>;
/// Names of fields as clients send them.
pub type Fields = OneOrMany<String>;

/// The chosen fields of rows, or the number of rows.
pub type Picked = Rows<Value>;

row! {
    struct TaskRun {
        id: i32 = "scheduler_task_runs.id",
        task_id: i32 = "scheduler_task_runs.task_id",
        host_id: i32 = "scheduler_task_runs.host_id",
        active: bool = "scheduler_task_runs.active",
        create_ts: f64 = "scheduler_task_runs.create_time",
        method: Option<String> = "task.method",
        state: Option<i32> = "task.state",
        owner: Option<i32> = "task.owner",
        arch: Option<String> = "task.arch",
        channel_id: Option<i32> = "task.channel_id",
        host_name: Option<String> = "host.name",
        host_ready: Option<bool> = "host.ready",
        start_ts: Option<f64> = "task.start_time",
        completion_ts: Option<f64> = "task.completion_time",
    }
}

row! {
    struct TaskRefusal {
        id: i32 = "scheduler_task_refusals.id",
        task_id: i32 = "scheduler_task_refusals.task_id",
        host_id: i32 = "scheduler_task_refusals.host_id",
        by_host: bool = "scheduler_task_refusals.by_host",
        soft: bool = "scheduler_task_refusals.soft",
        msg: Option<String> = "scheduler_task_refusals.msg",
        ts: f64 = "scheduler_task_refusals.time",
        method: Option<String> = "task.method",
        state: Option<i32> = "task.state",
        owner: Option<i32> = "task.owner",
        arch: Option<String> = "task.arch",
        channel_id: Option<i32> = "task.channel_id",
        host_name: Option<String> = "host.name",
        host_ready: Option<bool> = "host.ready",
    }
}

row! {
    struct LogMessage {
        id: i32 = "scheduler_log_messages.id",
        task_id: Option<i32> = "scheduler_log_messages.task_id",
        host_id: Option<i32> = "scheduler_log_messages.host_id",
        msg: String = "scheduler_log_messages.msg",
        msg_ts: f64 = "scheduler_log_messages.msg_time",
        method: Option<String> = "task.method",
        state: Option<i32> = "task.state",
        owner: Option<i32> = "task.owner",
        arch: Option<String> = "task.arch",
        channel_id: Option<i32> = "task.channel_id",
        host_name: Option<String> = "host.name",
        host_ready: Option<bool> = "host.ready",
    }
}

/// Which host got which task when.
pub fn task_runs(
    cx: &mut Cx<'_>,
    clauses: Option<Clauses>,
    fields: Option<Fields>,
    opts: Option<QueryOpts>,
) -> Result<Picked> {
    View { table: "scheduler_task_runs", own: 5 }.answer::<TaskRun>(cx, clauses, fields, opts)
}

/// Which host will not take which task.
pub fn refusals(cx: &mut Cx<'_>, clauses: Option<Clauses>, fields: Option<Fields>) -> Result<Picked> {
    View { table: "scheduler_task_refusals", own: 7 }.answer::<TaskRefusal>(cx, clauses, fields, None)
}

/// What the scheduler noted.
pub fn log_messages(
    cx: &mut Cx<'_>,
    clauses: Option<Clauses>,
    fields: Option<Fields>,
    opts: Option<QueryOpts>,
) -> Result<Picked> {
    View { table: "scheduler_log_messages", own: 5 }.answer::<LogMessage>(cx, clauses, fields, opts)
}

/// A table with the tasks and hosts that it is about.
struct View {
    table: &'static str,
    /// How many of the row's fields are the table's own; they come first.
    own: usize,
}

impl View {
    fn answer<T: Row + Serialize>(
        &self,
        cx: &mut Cx<'_>,
        clauses: Option<Clauses>,
        fields: Option<Fields>,
        opts: Option<QueryOpts>,
    ) -> Result<Picked> {
        let table = self.table;
        let mut query = Query::from(table)
            .left_join(&format!("task ON task.id = {table}.task_id"))
            .left_join(&format!("host ON host.id = {table}.host_id"));
        for clause in clauses.unwrap_or_default() {
            let (condition, binds) = condition::<T>(&clause)?;
            query = query.filter(&condition, Each(binds));
        }
        let wanted = self.wanted::<T>(fields)?;
        let opts = opts.unwrap_or_default();
        for key in opts.order.iter().flat_map(|order| order.split(',')) {
            column::<T>(key.strip_prefix('-').unwrap_or(key))?;
        }
        let rows = query.order(&format!("{table}.id")).rows::<T>(cx.db, &opts)?;
        Ok(match rows {
            Rows::Count(count) => Rows::Count(count),
            Rows::List(list) => Rows::List(list.iter().map(|row| only(row, &wanted)).collect::<Result<_>>()?),
        })
    }

    fn wanted<T: Row>(&self, fields: Option<Fields>) -> Result<Vec<&'static str>> {
        let named = |columns: &[(&'static str, &str)]| columns.iter().map(|(name, _)| *name).collect();
        let own: Vec<&'static str> = named(&T::COLUMNS[..self.own]);
        let fields = fields.map(OneOrMany::into_vec).unwrap_or_default();
        if fields.is_empty() {
            return Ok(own);
        }
        let mut wanted = Vec::new();
        for field in fields {
            match field.as_str() {
                "*" => wanted.extend(&own),
                "**" => wanted = named(T::COLUMNS),
                name => wanted.push(column::<T>(name)?.0),
            }
        }
        Ok(wanted)
    }
}

/// A row's fields of these names.
fn only<T: Serialize>(row: &T, wanted: &[&str]) -> Result<Value> {
    Ok(match to_value(row)? {
        Value::Struct(members) => {
            Value::Struct(members.into_iter().filter(|(name, _)| wanted.contains(&name.as_str())).collect())
        }
        other => other,
    })
}

fn column<T: Row>(name: &str) -> Result<(&'static str, &'static str)> {
    T::COLUMNS
        .iter()
        .find(|(known, _)| *known == name)
        .copied()
        .ok_or_else(|| Error::parameter(format!("Invalid field for query {name}")))
}

/// The condition of a clause.
fn condition<T: Row>(clause: &[Value]) -> Result<(String, Vec<Bind>)> {
    let wrong = || Error::parameter(format!("Invalid clause: {clause:?}"));
    let (field, operator, value) = match clause {
        [Value::String(field), value @ Value::Array(_)] => (field, "IN".to_owned(), value),
        [Value::String(field), value] => (field, "=".to_owned(), value),
        [Value::String(field), Value::String(operator), value] => (field, operator.to_uppercase(), value),
        _ => return Err(wrong()),
    };
    let (name, column) = column::<T>(field)?;
    match (operator.as_str(), value) {
        ("IN", Value::Array(list)) => {
            let ints: Option<Vec<i64>> = list.iter().map(Value::as_int).collect();
            let texts: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
            let set: Bind = match (ints, texts) {
                (Some(ints), _) => ints.into(),
                (_, Some(texts)) => texts.into(),
                _ => return Err(wrong()),
            };
            Ok((format!("{column} IN ?"), vec![set]))
        }
        ("IS", Value::Nil) => Ok((format!("{column} IS NULL"), Vec::new())),
        ("IS NOT", Value::Nil) => Ok((format!("{column} IS NOT NULL"), Vec::new())),
        ("IS", Value::Bool(value)) => Ok((format!("{column} = ?"), vec![(*value).into()])),
        ("IS NOT", Value::Bool(value)) => {
            Ok((format!("({column} IS NULL OR {column} != ?)"), vec![(*value).into()]))
        }
        ("=" | "!=" | "<" | ">" | "<=" | ">=", value) => {
            Ok((format!("{column} {operator} ?"), vec![bind(name, value).ok_or_else(wrong)?]))
        }
        ("IN" | "IS" | "IS NOT", _) => Err(wrong()),
        _ => Err(Error::parameter(format!("Invalid operator: {operator}"))),
    }
}

fn bind(name: &str, value: &Value) -> Option<Bind> {
    if name.ends_with("ts") {
        return value.as_f64().map(|seconds| Time(seconds).into());
    }
    match value {
        Value::Nil => Some(Bind::Null),
        Value::Bool(value) => Some((*value).into()),
        Value::Int(value) => Some((*value).into()),
        Value::Double(value) => Some((*value).into()),
        Value::String(value) => Some(value.into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses() {
        let text = |clause: &[Value]| condition::<TaskRun>(clause).map(|(text, _)| text);
        assert_eq!(text(&["task_id".into(), 5.into()]).unwrap(), "scheduler_task_runs.task_id = ?");
        let list = Value::Array(vec![1.into(), 2.into()]);
        assert_eq!(text(&["state".into(), list]).unwrap(), "task.state IN ?");
        assert_eq!(text(&["method".into(), "is not".into(), Value::Nil]).unwrap(), "task.method IS NOT NULL");
        for wrong in [
            vec!["task_id".into()],
            vec!["no_such".into(), 1.into()],
            vec!["task_id".into(), "LIKE".into(), "x".into()],
        ] {
            assert_eq!(text(&wrong).unwrap_err().fault, crate::Fault::Parameter);
        }
    }
}
