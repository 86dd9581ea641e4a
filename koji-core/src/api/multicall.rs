//! `multiCall`: many calls in one. If one of them may write, each is a savepoint with an event of its own; a failing
//! one is answered with its fault, and nothing else of the call is undone.

use serde::ser::{Serialize, SerializeSeq, SerializeStruct, Serializer};

use super::answer::Answer;
use super::args::Arg as _;
use super::cast::KeyText;
use super::dispatch::{self, Call};
use super::method::Mode;
use crate::context::Cx;
use crate::wire::Value;
use crate::{Error, Result, together};

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

/// The method of an entry and its parameters.
fn parts(value: &Value) -> Option<(&str, &[Value])> {
    match (value.get("methodName")?, value.get("params")?) {
        (Value::String(method), Value::Array(params)) => Some((method, params)),
        _ => None,
    }
}

/// The same, or what is wrong with them.
fn list(call: &Call) -> Result<&[Value]> {
    match (call.positional.len(), call.keywords.as_slice()) {
        (1, []) => {}
        (0, [(name, _)]) if name == "calls" => {}
        _ => return Err(Error::parameter("multiCall takes one argument, calls")),
    }
    entries(call).ok_or_else(|| Error::unforeseen("multiCall: expected a list of calls"))
}

fn entry(value: &Value) -> Result<Call> {
    // Koji's clients know this as an unforeseen fault.
    let wrong = || Error::unforeseen("multiCall: each entry is a struct with methodName and params");
    let (Some(name), Some(Value::Array(params))) = (value.get("methodName"), value.get("params")) else {
        return Err(wrong());
    };
    Ok(Call::new(KeyText::take(name.clone())?.0, params.clone()))
}

/// Write, if one of the entries may write.
pub(super) fn mode(call: &Call) -> Mode {
    let writes = |value: &Value| {
        let mode = parts(value).map(|(method, params)| dispatch::mode_of(method, params));
        mode.is_some_and(|mode| mode.is_ok_and(|mode| mode == Mode::Write))
    };
    if entries(call).unwrap_or_default().iter().any(writes) { Mode::Write } else { Mode::Read }
}

/// Runs the entries one after the other. Those of a call that only reads may be answered on several connections.
pub(super) fn run(cx: &mut Cx<'_>, call: &Call) -> Result<MultiAnswer> {
    let list = list(call)?;
    let mode = mode(call);
    if mode == Mode::Read && cx.db.outlives_failed_reads() {
        return read(cx, list).map(MultiAnswer);
    }
    Ok(MultiAnswer(each(cx, list.iter().map(entry), mode == Mode::Write, dispatch::dispatch)))
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

fn one<T>(
    cx: &mut Cx<'_>,
    call: Call,
    writes: bool,
    run: &impl Fn(&mut Cx<'_>, Call) -> Result<T>,
) -> Result<T> {
    if !writes && cx.db.outlives_failed_reads() {
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

type Answered = Result<Box<dyn Answer>>;

/// A connection more is worth so many entries.
const WORTH_A_READER: usize = 12;

/// Answers reading calls. Each is for itself, so the order in which they are looked at does not matter.
fn read(cx: &mut Cx<'_>, list: &[Value]) -> Result<Vec<Answered>> {
    let mut answers = Vec::with_capacity(list.len());
    let run = |cx: &mut Cx<'_>, value: &Value| entry(value).and_then(|call| dispatch::dispatch(cx, call));
    together::each(cx, list, WORTH_A_READER, run, |answer| {
        answers.push(answer);
        Ok(())
    })?;
    Ok(answers)
}

/// The answers of the entries.
pub struct MultiAnswer(Vec<Answered>);

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
