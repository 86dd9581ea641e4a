//! [`View`]: a table with its joins that clients query by conditions of their own (Koji's `repo.query` and
//! its like). A client names fields and operators from closed lists; everything else of a condition is bound.

use serde::Serialize;

use koji_schema::Kind;

use super::bind::{Bind, Each};
use super::dialect::Dialect;
use super::opts::QueryOpts;
use super::query::Query;
use super::row::Row;
use super::time::Time;
use crate::context::Cx;
use crate::wire::{self, Value};
use crate::{Error, Result};

/// What clients may query. Its fields are the columns of a row type.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// The table
    pub table: &'static str,
    /// Left joins, each of at most one row
    pub joins: &'static [&'static str],
    /// The fields of an answer when the client names none
    pub defaults: &'static [&'static str],
    /// Fields that are points in time, whether answers show them as text or in seconds
    pub times: &'static [&'static str],
    /// Fields that hold JSON
    pub json: &'static [&'static str],
}

/// What a client asks of a view.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    /// `[field, value]` or `[field, operator, value]` each; all must hold
    pub clauses: Value,
    /// A field or a list of them; `*` are those of the table itself, `**` are all
    pub fields: Value,
    /// Order, limits, or only the number of rows
    pub opts: QueryOpts,
}

/// The answer of a view.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Found<T> {
    /// The number of rows
    Count(i64),
    /// Whole rows
    Rows(Vec<T>),
    /// Some fields of each row
    Picked(Vec<Value>),
}

impl View {
    /// Everything that the view joins.
    pub fn all(&self) -> Query {
        self.joins.iter().fold(Query::from(self.table), |query, join| query.left_join(join))
    }

    /// Answers a client.
    pub fn answer<T: Row + Serialize>(&self, cx: &mut Cx<'_>, ask: &Ask) -> Result<Found<T>> {
        let mut query = self.all();
        let mut joined = Vec::new();
        if ask.opts.group.is_some() {
            return Err(Error::parameter("the option group is not supported here: group the answer instead"));
        }
        let order = ask.opts.order.iter().filter(|_| !ask.opts.count_only);
        for key in order.flat_map(|order| order.split(',')).filter(|key| !key.is_empty()) {
            self.field::<T>(key.trim_start_matches('-'), &mut joined)?;
        }
        for clause in list(&ask.clauses)? {
            let (field, operator, value) = parts(clause)?;
            let expression = self.field::<T>(field, &mut joined)?;
            let (condition, binds) = self.condition(cx.db.dialect(), field, (expression, operator, value))?;
            query = query.filter(&condition, Each(binds));
        }
        let fields = self.fields::<T>(&ask.fields, &mut joined)?;
        query = query.with_opts(&T::columns(), &ask.opts)?;
        if ask.opts.count_only {
            return Ok(Found::Count(query.count(cx.db)?));
        }
        let rows: Vec<T> = query.load(cx.db)?;
        if T::columns().iter().all(|(name, _)| fields.contains(name)) {
            return Ok(Found::Rows(rows));
        }
        let picked = rows.iter().map(|row| match wire::to_value(row)? {
            Value::Struct(mut members) => {
                members.retain(|(name, _)| fields.contains(&name.as_str()));
                Ok(Value::Struct(members))
            }
            other => Ok(other),
        });
        picked.collect::<Result<_>>().map(Found::Picked)
    }

    /// The expression of a field. Notes the table that it comes from.
    fn field<T: Row>(&self, name: &str, joined: &mut Vec<&'static str>) -> Result<&'static str> {
        let found = T::columns().into_iter().find(|(known, _)| *known == name);
        let (_, expression) =
            found.ok_or_else(|| Error::parameter(format!("Invalid field for query {name}")))?;
        joined.push(source(expression));
        Ok(expression)
    }

    fn fields<T: Row>(&self, wanted: &Value, joined: &mut Vec<&'static str>) -> Result<Vec<&'static str>> {
        let named: Vec<&str> = match wanted {
            Value::Nil => self.defaults.to_vec(),
            Value::String(one) if one.is_empty() => self.defaults.to_vec(),
            Value::String(one) => vec![one.as_str()],
            Value::Array(many) if many.is_empty() => self.defaults.to_vec(),
            Value::Array(many) => many.iter().map(text).collect::<Result<_>>()?,
            other if !other.is_true() => self.defaults.to_vec(),
            Value::Struct(named) => named.iter().map(|(name, _)| name.as_str()).collect(),
            other => return Err(Error::unforeseen(format!("fields must be a list, not {}", other.kind()))),
        };
        let mut fields = Vec::new();
        // what order and conditions need, and not what other fields do
        let before = joined.clone();
        for name in named {
            match name {
                "**" => fields.extend(T::columns().iter().map(|(name, _)| *name)),
                "*" => {
                    let near =
                        |expression| source(expression) == self.table || before.contains(&source(expression));
                    fields.extend(T::columns().iter().filter(|(_, sql)| near(sql)).map(|(name, _)| *name));
                }
                name => {
                    self.field::<T>(name, joined)?;
                    fields.extend(
                        T::columns().iter().filter(|(known, _)| *known == name).map(|(known, _)| *known),
                    );
                }
            }
        }
        Ok(fields)
    }

    fn condition(
        &self,
        dialect: Dialect,
        field: &str,
        (expression, operator, value): (&str, String, &Value),
    ) -> Result<(String, Vec<Bind>)> {
        let bind = |value| fitting(expression, self.bind(field, value)?);
        Ok(match operator.as_str() {
            "IN" => (format!("{expression} IN ?"), vec![set(value)?]),
            "IS" | "IS NOT" => match value {
                Value::Nil => (format!("{expression} {operator} NULL"), Vec::new()),
                Value::Bool(true) => (format!("{expression} {operator} TRUE"), Vec::new()),
                Value::Bool(false) => (format!("{expression} {operator} FALSE"), Vec::new()),
                _ => return Err(Error::unforeseen("IS compares with null, true and false only: use =")),
            },
            "@>" | "<@" if !self.json.contains(&field) => {
                return Err(Error::unforeseen(format!(
                    "{operator} is for fields that hold JSON, not {field}"
                )));
            }
            "@>" => (dialect.json_contains(expression, "?"), vec![bind(value)?]),
            "<@" => (dialect.json_contains("?", expression), vec![bind(value)?]),
            "=" | "!=" | "<" | ">" | "<=" | ">=" => {
                (format!("{expression} {operator} ?"), vec![bind(value)?])
            }
            other => return Err(Error::parameter(format!("Invalid operator: {other}"))),
        })
    }

    fn bind(&self, field: &str, value: &Value) -> Result<Bind> {
        if self.json.contains(&field) && !value.is_nil() {
            // stored as serde_json writes it: sorted and without spaces, so that equal values are equal text
            let mut parsed: serde_json::Value = match value {
                Value::String(text) => serde_json::from_str(text)
                    .map_err(|error| Error::unforeseen(format!("{field}: {error}")))?,
                other => {
                    return Err(Error::unforeseen(format!(
                        "{field} is compared with JSON text, not {}",
                        other.kind()
                    )));
                }
            };
            parsed.sort_all_objects();
            return Ok(Bind::Json(parsed.to_string()));
        }
        if self.times.contains(&field) {
            return match value {
                Value::String(text) => {
                    Time::parse(text).map(Bind::Time).map_err(|error| Error::unforeseen(error.message))
                }
                other => Ok(other.as_f64().map(Time).into()),
            };
        }
        match value {
            Value::Nil => Ok(Bind::Null),
            Value::Bool(value) => Ok((*value).into()),
            Value::Int(value) => Ok((*value).into()),
            Value::Double(value) => Ok((*value).into()),
            Value::String(text) => Ok(text.into()),
            other => Err(Error::unforeseen(format!("{field} can't be compared with a {}", other.kind()))),
        }
    }
}

/// A value that a column of its kind can be compared with: PostgreSQL has no other comparison, SQLite any.
fn fitting(expression: &str, bind: Bind) -> Result<Bind> {
    let column = expression.split_once('.').and_then(|(table, name)| koji_schema::table(table)?.column(name));
    let fitting = match (column.map(|column| column.kind), bind) {
        (Some(Kind::Integer | Kind::BigInt | Kind::SmallInt), Bind::Text(text)) => {
            text.trim().parse().map(Bind::Int).map_err(|_| Bind::Text(text))
        }
        (Some(Kind::Integer | Kind::BigInt | Kind::SmallInt), bind @ Bind::Bool(_))
        | (Some(Kind::Boolean), bind @ (Bind::Int(_) | Bind::Double(_) | Bind::Text(_)))
        | (Some(Kind::Text | Kind::Varchar(_)), bind @ (Bind::Int(_) | Bind::Double(_) | Bind::Bool(_))) => {
            Err(bind)
        }
        (_, bind) => Ok(bind),
    };
    fitting.map_err(|bind| Error::unforeseen(format!("{expression} can't be compared with {bind:?}")))
}

/// The table of an expression, which is `table.column`.
fn source(expression: &str) -> &str {
    expression.split_once('.').map_or(expression, |(table, _)| table)
}

fn list(clauses: &Value) -> Result<&[Value]> {
    match clauses {
        other if !other.is_true() => Ok(&[]),
        Value::Array(clauses) => Ok(clauses),
        Value::String(_) | Value::Struct(_) => Err(Error::parameter("clauses must be a list of lists")),
        other => Err(Error::unforeseen(format!("clauses must be a list, not {}", other.kind()))),
    }
}

fn text(value: &Value) -> Result<&str> {
    value.as_str().ok_or_else(|| Error::parameter(format!("Invalid field for query {value:?}")))
}

/// Field, operator and value of a clause.
fn parts(clause: &Value) -> Result<(&str, String, &Value)> {
    match clause.as_array() {
        Some([field, value]) => {
            let operator = if value.as_array().is_some() { "IN" } else { "=" };
            Ok((text(field)?, operator.to_owned(), value))
        }
        Some([field, operator, value]) => {
            let operator = operator
                .as_str()
                .ok_or_else(|| Error::unforeseen(format!("an operator is text, not {}", operator.kind())))?;
            Ok((text(field)?, operator.to_uppercase(), value))
        }
        None if !matches!(clause, Value::String(_) | Value::Struct(_)) => {
            Err(Error::unforeseen(format!("a clause is a list, not {}", clause.kind())))
        }
        _ => Err(Error::parameter(format!("Invalid clause: {clause:?}"))),
    }
}

fn set(value: &Value) -> Result<Bind> {
    let wrong =
        || Error::unforeseen("IN wants a list of integers or a list of strings, and not an empty one");
    let items = value.as_array().filter(|items| !items.is_empty()).ok_or_else(wrong)?;
    let ints: Option<Vec<i64>> = items.iter().map(Value::as_int).collect();
    let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
    ints.map(Bind::from).or_else(|| texts.map(Bind::from)).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIEW: View =
        View { table: "repo", joins: &[], defaults: &["id"], times: &["creation_ts"], json: &["opts"] };

    fn condition(clause: Vec<Value>) -> Result<(String, Vec<Bind>)> {
        let clause = Value::Array(clause);
        let (field, operator, value) = parts(&clause)?;
        VIEW.condition(Dialect::Pg, field, (field, operator, value))
    }

    #[test]
    fn clauses_become_conditions() {
        let list = Value::Array(vec![1.into(), 2.into()]);
        assert_eq!(
            condition(vec!["id".into(), list]).unwrap(),
            ("id IN ?".into(), vec![vec![1_i64, 2].into()])
        );
        assert_eq!(condition(vec!["id".into(), 1.into()]).unwrap().0, "id = ?");
        assert_eq!(condition(vec!["id".into(), "is not".into(), Value::Nil]).unwrap().0, "id IS NOT NULL");
        let json = condition(vec!["opts".into(), "<@".into(), "{\"b\": 1, \"a\": 2}".into()]).unwrap();
        assert_eq!(json, ("? @> opts".into(), vec![Bind::Json("{\"a\":2,\"b\":1}".into())]));
        let time = condition(vec!["creation_ts".into(), ">".into(), 5.into()]).unwrap();
        assert_eq!(time.1, [Bind::Time(Time(5.0))]);
    }

    #[test]
    fn anything_else_is_refused() {
        use crate::Fault::{Parameter, Unforeseen};
        for (clause, fault) in [
            (vec!["id".into()], Parameter),
            (vec!["id".into(), "LIKE".into(), 1.into()], Parameter),
            (vec!["id".into(), "= 1 OR 1".into(), 1.into()], Parameter),
            (vec![1.into(), 1.into()], Parameter),
            (vec!["id".into(), "IS".into(), 1.into()], Unforeseen),
            (vec!["id".into(), "@>".into(), 1.into()], Unforeseen),
            (vec!["id".into(), Value::Array(vec![])], Unforeseen),
        ] {
            assert_eq!(condition(clause).unwrap_err().fault, fault);
        }
    }
}
