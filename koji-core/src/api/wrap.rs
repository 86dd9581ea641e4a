//! Methods that run another one, which is named by their first argument, and count or filter its answer.

use std::cmp::Ordering;

use super::args::Arg;
use super::cast::KeyText;
use super::{multicall, registry};
use crate::context::Cx;
use crate::db::opts::slice_index;
use crate::methods;
use crate::wire::{Map, Value};
use crate::{Error, Fault, Result};

// They are declared to write because any method may be named; a call that names one that reads is run as a
// read, see `dispatch::mode`.
methods! {
    /// The number of rows that a method answers with; 0 for null and 1 for what is no list or struct.
    write Inside("what the named method asks for") => Count "count"
            (methodName: KeyText; args args; kwargs kw) -> i64
        = |m, cx| Ok(match run(cx, &m.methodName.0, m.args, m.kw)? {
            Value::Nil => 0,
            Value::Array(items) => items.len() as i64,
            Value::Struct(members) => members.len() as i64,
            _ => 1,
        });

    /// The rows that a method answers with, in the order of a key and from an offset to a limit, as the keyword
    /// `filterOpts` tells (`order`, `offset`, `limit`, `noneGreatest`).
    write Inside("what the named method asks for") => FilterResults "filterResults"
            (methodName: KeyText; args args; kwargs kw) -> Value
        = |m, cx| filtered(cx, &m.methodName.0, m.args, m.kw).map(|(_, rows)| rows);

    /// The same, and before it the number of all rows.
    write Inside("what the named method asks for") => CountAndFilterResults "countAndFilterResults"
            (methodName: KeyText; args args; kwargs kw) -> (i64, Value)
        = |m, cx| filtered(cx, &m.methodName.0, m.args, m.kw);
}

fn run(cx: &mut Cx<'_>, method: &str, positional: Vec<Value>, keywords: Map) -> Result<Value> {
    let entry = registry::find(method).filter(|_| !multicall::is_multicall(method));
    let entry = entry.ok_or_else(|| Error::generic(format!("method {method} doesn't exist")))?;
    let args = entry.bind(positional, keywords).map_err(|error| Error::unforeseen(error.message))?;
    entry.run_bound(cx, args)?.value()
}

fn filtered(
    cx: &mut Cx<'_>,
    method: &str,
    positional: Vec<Value>,
    mut keywords: Map,
) -> Result<(i64, Value)> {
    let at = keywords.iter().position(|(name, _)| name == "filterOpts");
    let opts = at.map(|at| keywords.remove(at).1).unwrap_or_default();
    if registry::find(method).is_none() {
        return Err(Error::generic(format!("method {method} doesn't exist")));
    }
    let answer = run(cx, method, positional, keywords).map_err(|error| {
        // Koji's clients see any fault of the inner method as a generic one.
        Error::generic(format!("method {method} raised an exception ({error})")).caused_by(error)
    })?;
    match answer {
        Value::Nil => Ok((0, Value::Nil)),
        Value::Array(rows) => Ok((rows.len() as i64, Value::Array(Filter::read(opts)?.apply(rows)?))),
        _ => Err(Error::generic(format!("{method}() did not return a list"))),
    }
}

/// What of a list to answer with.
#[derive(Clone, Debug, Default, PartialEq)]
struct Filter {
    order: Option<String>,
    offset: Option<i64>,
    limit: Option<i64>,
    none_least: bool,
}

impl Filter {
    fn read(value: Value) -> Result<Self> {
        let mut filter = Self::default();
        for (name, value) in <Option<Map> as Arg>::take(value)?.unwrap_or_default() {
            match name.as_str() {
                "order" => filter.order = <Option<String> as Arg>::take(value)?.filter(|key| !key.is_empty()),
                "offset" => filter.offset = <Option<i64> as Arg>::take(value)?,
                "limit" => filter.limit = <Option<i64> as Arg>::take(value)?,
                "noneGreatest" => filter.none_least = !value.is_true(),
                _ => {}
            }
        }
        Ok(filter)
    }

    fn apply(&self, mut rows: Vec<Value>) -> Result<Vec<Value>> {
        if let Some(order) = &self.order {
            let (key, descending) =
                order.strip_prefix('-').map_or((order.as_str(), false), |key| (key, true));
            sort(&mut rows, key, descending, self.none_least)?;
        }
        let start = self.offset.map_or(0, |offset| slice_index(offset, rows.len()));
        let mut rows = rows.split_off(start);
        let end = self.limit.map_or(rows.len(), |limit| slice_index(limit, rows.len()));
        rows.truncate(end);
        Ok(rows)
    }
}

/// Sorts by a key that every row must have. Equal rows keep their order, downwards too.
fn sort(rows: &mut [Value], key: &str, descending: bool, none_least: bool) -> Result<()> {
    let wrong = |why: &str| Error::new(Fault::Unforeseen, format!("cannot order by {key:?}: {why}"));
    let keys: Option<Vec<&Value>> = rows.iter().map(|row| row.get(key)).collect();
    let keys = keys.ok_or_else(|| wrong("there are rows without it"))?;
    let class = Class::of(&keys).ok_or_else(|| wrong("its values have no order among them"))?;
    rows.sort_by(|left, right| {
        let (left, right) = (left.get(key).unwrap_or(&Value::Nil), right.get(key).unwrap_or(&Value::Nil));
        let order = match (left.is_nil(), right.is_nil()) {
            (false, false) => class.compare(left, right),
            (left, right) if none_least => right.cmp(&left),
            (left, right) => left.cmp(&right),
        };
        if descending { order.reverse() } else { order }
    });
    Ok(())
}

/// What values are compared as. It is settled for all of them at once, so that the order is a total one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Ints,
    Numbers,
    Texts,
}

impl Class {
    /// The class of values, nulls apart; None if they are of several.
    fn of(values: &[&Value]) -> Option<Self> {
        let mut known = None;
        for value in values.iter().filter(|value| !value.is_nil()) {
            let class = match value {
                Value::Int(_) | Value::Bool(_) => Self::Ints,
                Value::Double(_) => Self::Numbers,
                Value::String(_) | Value::DateTime(_) => Self::Texts,
                _ => return None,
            };
            known = Some(match (known, class) {
                (None, class) => class,
                (Some(known), class) if known == class => class,
                (Some(Self::Ints), Self::Numbers) | (Some(Self::Numbers), Self::Ints) => Self::Numbers,
                _ => return None,
            });
        }
        Some(known.unwrap_or(Self::Texts))
    }

    fn compare(self, left: &Value, right: &Value) -> Ordering {
        match self {
            Self::Ints => int(left).cmp(&int(right)),
            Self::Numbers => number(left).total_cmp(&number(right)),
            Self::Texts => text(left).cmp(text(right)),
        }
    }
}

fn int(value: &Value) -> i64 {
    match value {
        Value::Int(int) => *int,
        Value::Bool(flag) => (*flag).into(),
        _ => 0,
    }
}

fn number(value: &Value) -> f64 {
    if let Value::Double(number) = value { *number } else { int(value) as f64 }
}

fn text(value: &Value) -> &str {
    match value {
        Value::String(text) | Value::DateTime(text) => text,
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(keys: &[Value]) -> Vec<Value> {
        keys.iter().map(|key| Value::Struct(vec![("key".to_owned(), key.clone())])).collect()
    }

    fn keys(rows: Vec<Value>) -> Vec<Value> {
        rows.into_iter().map(|row| row.get("key").cloned().unwrap()).collect()
    }

    fn filter(members: &[(&str, Value)]) -> Filter {
        let members = members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Filter::read(Value::Struct(members)).unwrap()
    }

    #[test]
    fn null_is_the_greatest_unless_told_otherwise() {
        let list = || rows(&[2.into(), Value::Nil, 1.5.into()]);
        let up = filter(&[("order", "key".into())]);
        assert_eq!(keys(up.apply(list()).unwrap()), [1.5.into(), 2.into(), Value::Nil]);
        let down = filter(&[("order", "-key".into()), ("limit", 2.into())]);
        assert_eq!(keys(down.apply(list()).unwrap()), [Value::Nil, 2.into()]);
        let least = filter(&[("order", "key".into()), ("noneGreatest", false.into())]);
        assert_eq!(keys(least.apply(list()).unwrap()), [Value::Nil, 1.5.into(), 2.into()]);
    }

    #[test]
    fn slices_are_pythons() {
        let list = || rows(&[1.into(), 2.into(), 3.into()]);
        let of = |offset: i64, limit: i64| {
            let filter = filter(&[("offset", offset.into()), ("limit", limit.into())]);
            keys(filter.apply(list()).unwrap()).len()
        };
        assert_eq!([of(0, 2), of(1, 9), of(9, 1), of(-1, 5), of(0, -1), of(-9, 3)], [2, 2, 0, 1, 2, 3]);
    }

    #[test]
    fn what_has_no_order_is_refused() {
        let mut mixed = rows(&[1.into(), "one".into()]);
        assert!(sort(&mut mixed, "key", false, false).is_err());
        assert!(sort(&mut mixed, "other", false, false).is_err());
    }
}
