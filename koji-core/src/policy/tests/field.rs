//! Tests of a value of the request: `has`, `bool`, `match`, `match_any`, `match_all`, `compare`, and those
//! that are one of these for one field.

use super::{Registry, Test};
use crate::policy::data::text;
use crate::policy::eval::Eval;
use crate::policy::glob::matches_any;
use crate::wire::Value;
use crate::{Error, Result};

struct Field {
    name: String,
    check: Check,
}

enum Check {
    Has,
    Bool,
    Match(Vec<String>),
    MatchAny(Vec<String>),
    MatchAll(Vec<String>),
    Compare(Operator, f64),
}

#[derive(Clone, Copy)]
enum Operator {
    Less,
    More,
    LessOrEqual,
    MoreOrEqual,
    Equal,
    Unequal,
}

type MakeCheck = fn(Vec<String>) -> Result<Check>;

/// Adds the tests of fields.
pub(super) fn register(registry: &mut Registry) {
    let kinds: [(&str, MakeCheck); 6] = [
        ("has", |_| Ok(Check::Has)),
        ("bool", |_| Ok(Check::Bool)),
        ("match", |args| Ok(Check::Match(args))),
        ("match_any", |args| Ok(Check::MatchAny(args))),
        ("match_all", |args| Ok(Check::MatchAll(args))),
        ("compare", |args| compare(&args)),
    ];
    for (test, check) in kinds {
        let make = move |mut args: Vec<String>| -> Result<Box<dyn Test>> {
            if args.is_empty() {
                return Err(Error::generic("Invalid or missing field in policy test"));
            }
            let name = args.remove(0);
            Ok(Box::new(Field { name, check: check(args)? }))
        };
        registry.add(test, Vec::new(), Box::new(make));
    }
    for test in ["operation", "target", "method", "vm_name"] {
        let make = move |args| -> Result<Box<dyn Test>> {
            Ok(Box::new(Field { name: test.into(), check: Check::Match(args) }))
        };
        registry.add(test, Vec::new(), Box::new(make));
    }
    for (test, field) in [("is_child_task", "parent"), ("skip_tag", "skip_tag")] {
        let make = move |_| -> Result<Box<dyn Test>> {
            Ok(Box::new(Field { name: field.into(), check: Check::Bool }))
        };
        registry.add(test, Vec::new(), Box::new(make));
    }
}

fn compare(args: &[String]) -> Result<Check> {
    let [operator, number] = args else {
        return Err(Error::generic("expected 'compare FIELD OPERATOR NUMBER'"));
    };
    let operator = match operator.as_str() {
        "<" => Operator::Less,
        ">" => Operator::More,
        "<=" => Operator::LessOrEqual,
        ">=" => Operator::MoreOrEqual,
        "=" => Operator::Equal,
        "!=" => Operator::Unequal,
        _ => return Err(Error::generic("Invalid comparison in test.")),
    };
    let number = number.parse().map_err(|_| Error::generic(format!("{number} is not a number")))?;
    Ok(Check::Compare(operator, number))
}

impl Test for Field {
    fn run(&self, eval: &mut Eval<'_>) -> Result<bool> {
        let Some(value) = eval.data.get(&self.name) else { return Ok(false) };
        match &self.check {
            Check::Has => Ok(true),
            Check::Bool => Ok(value.is_true()),
            Check::Match(patterns) => matches(&self.name, value, patterns),
            Check::MatchAny(patterns) => Ok(items(value).iter().any(|item| item_matches(item, patterns))),
            Check::MatchAll(patterns) => {
                let items = items(value);
                Ok(!items.is_empty() && items.iter().all(|item| item_matches(item, patterns)))
            }
            Check::Compare(operator, number) => match (number_of(value), operator) {
                (Some(value), operator) => Ok(operator.holds(value, *number)),
                (None, Operator::Equal) => Ok(false),
                (None, Operator::Unequal) => Ok(true),
                (None, _) => Err(unfit(&self.name, "a number", value)),
            },
        }
    }
}

/// Whether a value of the request matches a pattern. Nothing matches none; what is no text has no patterns.
pub(super) fn matches(field: &str, value: &Value, patterns: &[String]) -> Result<bool> {
    match value {
        Value::Nil => Ok(false),
        Value::String(text) => Ok(matches_any(text, patterns)),
        _ if patterns.is_empty() => Ok(false),
        other => Err(unfit(field, "a text", other)),
    }
}

/// The error for a value that a test cannot use.
pub(super) fn unfit(field: &str, expected: &str, value: &Value) -> Error {
    let kind = value.kind();
    Error::unforeseen(format!("policy data field {field} must be {expected} for this test, not {kind}"))
}

impl Operator {
    fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Self::Less => left < right,
            Self::More => left > right,
            Self::LessOrEqual => left <= right,
            Self::MoreOrEqual => left >= right,
            Self::Equal => left == right,
            Self::Unequal => left != right,
        }
    }
}

fn items(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        _ => &[],
    }
}

fn item_matches(item: &Value, patterns: &[String]) -> bool {
    text(item).is_some_and(|text| matches_any(&text, patterns))
}

fn number_of(value: &Value) -> Option<f64> {
    match value {
        Value::Int(number) => Some(*number as f64),
        Value::Double(number) => Some(*number),
        Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
        _ => None,
    }
}
