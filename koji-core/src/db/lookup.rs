//! [`Lookup`]: a thing by its name or its id, as clients give it.

use std::collections::HashMap;

use super::query::Query;
use crate::context::Cx;
use crate::wire::Value;
use crate::{Error, Result};

/// A name or an id. Clients send a string, an integer, or a struct with `id` or `name`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Lookup {
    /// By id
    Id(i64),
    /// By name
    Name(String),
}

impl Lookup {
    /// The name, if it is one.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Name(name) => Some(name),
            Self::Id(_) => None,
        }
    }

    /// Reads what a client sent; a string is always a name. In a struct an id counts before a name, and may come in
    /// any form that Python makes an integer of.
    pub fn from_value(value: &Value) -> Result<Self> {
        match (value.get("id"), value.get("name")) {
            (Some(id), _) => id.python_int().map(Self::Id).ok_or_else(|| {
                Error::parameter(format!("the id in a struct is an integer, not {}", id.kind()))
            }),
            (None, Some(name)) => Self::plain(name),
            (None, None) => Self::plain(value),
        }
    }

    fn plain(value: &Value) -> Result<Self> {
        match value {
            Value::Int(id) => Ok(Self::Id(*id)),
            Value::String(name) => Ok(Self::Name(name.clone())),
            Value::Struct(_) => Err(Error::parameter("a struct that names a thing needs its id or its name")),
            // Koji's check takes it for an id, and the database does not.
            Value::Bool(flag) => Err(Error::unforeseen(format!("neither a name nor an id: {flag}"))),
            other => Err(Error::parameter(format!("neither a name nor an id: {other:?}"))),
        }
    }

    /// The condition on a table's `id` or `name`.
    pub fn condition(&self, query: Query, table: &str) -> Query {
        match self {
            Self::Id(id) => query.filter(&format!("{table}.id = ?"), *id),
            Self::Name(name) => query.filter(&format!("{table}.name = ?"), name),
        }
    }
}

impl std::fmt::Display for Lookup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Name(name) => name.fmt(f),
        }
    }
}

impl From<i32> for Lookup {
    fn from(id: i32) -> Self {
        Self::Id(id.into())
    }
}

impl From<i64> for Lookup {
    fn from(id: i64) -> Self {
        Self::Id(id)
    }
}

impl From<String> for Lookup {
    fn from(name: String) -> Self {
        Self::Name(name)
    }
}

impl From<&String> for Lookup {
    fn from(name: &String) -> Self {
        Self::Name(name.clone())
    }
}

impl From<&str> for Lookup {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

/// What a lookup finds: every thing with a name has these two.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Named {
    /// Its id
    pub id: i32,
    /// Its name
    pub name: String,
}

/// The id and name of a thing in a table that has both, if there is one.
pub fn find(cx: &mut Cx<'_>, table: &str, what: &Lookup) -> Result<Option<Named>> {
    let row = what.condition(Query::from(table), table).select_first::<(i32, String)>(cx.db, "id, name")?;
    Ok(row.map(|(id, name)| Named { id, name }))
}

/// The things of a table that have these ids or names, each under every lookup that means it.
pub fn find_many<'w>(
    cx: &mut Cx<'_>,
    table: &str,
    what: impl Iterator<Item = &'w Lookup>,
) -> Result<HashMap<Lookup, Named>> {
    let (ids, names) = ids_and_names(what);
    let mut found = HashMap::new();
    if ids.is_empty() && names.is_empty() {
        return Ok(found);
    }
    let rows: Vec<(i32, String)> =
        Query::from(table).filter("id IN ? OR name IN ?", (ids, names)).select(cx.db, "id, name")?;
    for (id, name) in rows {
        let thing = Named { id, name: name.clone() };
        found.insert(Lookup::from(id), thing.clone());
        found.insert(Lookup::Name(name), thing);
    }
    Ok(found)
}

/// Ids and names apart, for one condition on both.
pub fn ids_and_names<'w>(what: impl Iterator<Item = &'w Lookup>) -> (Vec<i64>, Vec<String>) {
    let (mut ids, mut names) = (Vec::new(), Vec::new());
    for lookup in what {
        match lookup {
            Lookup::Id(id) => ids.push(*id),
            Lookup::Name(name) => names.push(name.clone()),
        }
    }
    (ids, names)
}

/// The same, and an error when there is none; `kind` is what people call it (`tag`, `user`).
pub fn get(cx: &mut Cx<'_>, table: &str, kind: &str, what: &Lookup) -> Result<Named> {
    find(cx, table, what)?.ok_or_else(|| missing(kind, what))
}

/// The error that there is no such thing.
pub fn missing(kind: &str, what: &Lookup) -> Error {
    Error::generic(format!("No such {kind}: {what}"))
}
