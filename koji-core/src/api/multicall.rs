//! `multiCall`: many calls in one. Each is a savepoint with an event of its own; a failing one is answered
//! with its fault, and nothing else of the call is undone.

use serde::ser::{Serialize, SerializeSeq, SerializeStruct, Serializer};

use super::answer::Answer;
use super::dispatch::{self, Call};
use super::method::Mode;
use crate::context::Cx;
use crate::wire::Value;
use crate::{Error, Result};

/// Whether a name is that of a call of calls.
pub fn is_multicall(method: &str) -> bool {
    matches!(method, "multiCall" | "system.multicall")
}

/// The entries of a call of calls.
fn entries(call: &Call) -> Option<&[Value]> {
    let given = call
        .positional
        .first()
        .or_else(|| call.keywords.iter().find(|(name, _)| name == "calls").map(|(_, value)| value))?;
    match given {
        Value::Array(entries) => Some(entries),
        _ => None,
    }
}

fn entry(value: &Value) -> Result<Call> {
    // Koji's clients know this as an unforeseen fault.
    let wrong = || Error::unforeseen("multiCall: each entry is a struct with methodName and params");
    let Value::Struct(members) = value else { return Err(wrong()) };
    let of = |key: &str| members.iter().find(|(name, _)| name == key).map(|(_, value)| value);
    match (of("methodName"), of("params")) {
        (Some(Value::String(name)), Some(Value::Array(params))) => Ok(Call::new(name, params.clone())),
        _ => Err(wrong()),
    }
}

/// Write, if one of the entries may write.
pub(super) fn mode(call: &Call) -> Mode {
    let writes = |value: &Value| {
        entry(value).and_then(|call| dispatch::mode(&call)).is_ok_and(|mode| mode == Mode::Write)
    };
    if entries(call).unwrap_or_default().iter().any(writes) { Mode::Write } else { Mode::Read }
}

/// Runs the entries one after the other.
pub(super) fn run(cx: &mut Cx<'_>, call: &Call) -> Result<MultiAnswer> {
    let writes = mode(call) == Mode::Write;
    let list = entries(call).ok_or_else(|| Error::parameter("multiCall: expected a list of calls"))?;
    Ok(MultiAnswer(each(cx, list.iter().map(entry), writes, dispatch::dispatch)))
}

/// Runs calls one after the other, those that could be read; each is a savepoint with an event of its own.
pub fn each<T>(
    cx: &mut Cx<'_>,
    calls: impl Iterator<Item = Result<Call>>,
    writes: bool,
    run: impl Fn(&mut Cx<'_>, Call) -> Result<T>,
) -> Vec<Result<T>> {
    let answer = |(number, call): (usize, Result<Call>)| {
        let mark = cx.mark();
        let answer = call.and_then(|call| one(cx, call, writes, &run));
        cx.end_entry(mark, number);
        answer
    };
    calls.enumerate().map(answer).collect()
}

/// Reads need no savepoint on SQLite, and in a read transaction of PostgreSQL a failure still needs one.
fn one<T>(
    cx: &mut Cx<'_>,
    call: Call,
    writes: bool,
    run: &impl Fn(&mut Cx<'_>, Call) -> Result<T>,
) -> Result<T> {
    if !writes && cx.db.dialect() == crate::db::Dialect::Sqlite {
        return run(cx, call);
    }
    let mark = cx.mark();
    cx.db.batch("SAVEPOINT entry")?;
    let answer = run(cx, call);
    if answer.is_err() {
        cx.forget_since(mark);
        cx.db.batch("ROLLBACK TO SAVEPOINT entry")?;
    }
    cx.db.batch("RELEASE SAVEPOINT entry")?;
    answer
}

/// The answers of the entries.
pub struct MultiAnswer(Vec<Result<Box<dyn Answer>>>);

impl Serialize for MultiAnswer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.len()))?;
        for answer in &self.0 {
            match answer {
                Ok(answer) => list.serialize_element(&[answer.part()])?,
                Err(error) => list.serialize_element(&EntryFault(error))?,
            }
        }
        list.end()
    }
}

struct EntryFault<'a>(&'a Error);

impl Serialize for EntryFault<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fault = serializer.serialize_struct("fault", 3)?;
        fault.serialize_field("faultCode", &self.0.fault.code())?;
        fault.serialize_field("faultString", &self.0.message)?;
        fault.serialize_field("traceback", &[&self.0.message])?;
        fault.end()
    }
}
