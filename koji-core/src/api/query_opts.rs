//! Reads the argument `queryOpts`, as loosely as Koji does: what Python takes for false asks for nothing.

use super::args::{Arg, expected};
use crate::Result;
use crate::db::QueryOpts;
use crate::wire::{self, Value};

impl Arg for QueryOpts {
    fn take(value: Value) -> Result<Self> {
        if !value.is_true() {
            return Ok(Self::default());
        }
        let Value::Struct(members) = value else { return Err(expected("a struct", &value)) };
        let mut opts = Self::default();
        for (name, value) in members.iter().filter(|(_, value)| value.is_true()) {
            match name.as_str() {
                "countOnly" => opts.count_only = true,
                "asList" => opts.as_list = true,
                "order" => opts.order = Some(text(value)?),
                "group" => opts.group = Some(text(value)?),
                "offset" => opts.offset = whole(value)?,
                "limit" => opts.limit = whole(value)?,
                _ => {}
            }
        }
        Ok(opts)
    }
    fn give(&self) -> Value {
        if self.is_plain() { Value::Nil } else { wire::to_value(self).unwrap_or_default() }
    }
    fn schema() -> serde_json::Value {
        super::schema::query_opts()
    }
}

fn text(value: &Value) -> Result<String> {
    value.as_str().map(str::to_owned).ok_or_else(|| expected("text in queryOpts", value))
}

fn whole(value: &Value) -> Result<Option<i64>> {
    match value {
        Value::String(_) => Err(expected("a number in queryOpts", value)),
        // a fraction below 1 is 0, which asks for nothing
        other => match other.python_int() {
            Some(number) => Ok(Some(number).filter(|number| *number != 0)),
            None => Err(expected("a number in queryOpts", other)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Fault;

    fn read(members: &[(&str, Value)]) -> Result<QueryOpts> {
        let members = members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        QueryOpts::take(Value::Struct(members))
    }

    #[test]
    fn what_is_false_asks_for_nothing() {
        for nothing in [Value::Nil, "".into(), Value::Array(Vec::new()), false.into(), 0.into()] {
            assert!(QueryOpts::take(nothing.clone()).unwrap().is_plain());
            let members =
                ["limit", "offset", "order", "countOnly", "asList"].map(|name| (name, nothing.clone()));
            assert!(read(&members).unwrap().is_plain(), "{nothing:?}");
        }
        assert!(read(&[("bogus", 1.into())]).unwrap().is_plain());
    }

    #[test]
    fn numbers_and_texts() {
        let opts =
            read(&[("limit", 1.5.into()), ("countOnly", "x".into()), ("order", "-id".into())]).unwrap();
        assert_eq!((opts.limit, opts.count_only, opts.order.as_deref()), (Some(1), true, Some("-id")));
        for (name, value) in [("limit", "2".into()), ("offset", "x".into()), ("order", Value::Int(1))] {
            assert_eq!(read(&[(name, value)]).unwrap_err().fault, Fault::Unforeseen);
        }
        assert_eq!(QueryOpts::take("x".into()).unwrap_err().fault, Fault::Unforeseen);
    }
}
