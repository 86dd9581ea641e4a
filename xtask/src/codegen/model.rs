//! The description of a Koji database as it was recorded: tables in an order that foreign keys allow, and rows.
//!
//! Refuses a description that lacks a field, or whose tables depend on each other in a circle.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Map, Value};

use crate::Result;

/// All tables, a table after those that it refers to.
pub struct Schema {
    pub tables: Vec<Table>,
}

/// A table and the rows that a fresh database holds in it.
pub struct Table {
    pub name: String,
    pub columns: Vec<Column>,
    pub constraints: Vec<Constraint>,
    /// `CREATE INDEX` statements in PostgreSQL's own words.
    pub indexes: Vec<String>,
    pub rows: Vec<Map<String, Value>>,
}

/// A column; type and default in PostgreSQL's own words.
pub struct Column {
    pub name: String,
    pub kind: String,
    pub nullable: bool,
    pub default: Option<String>,
}

/// A constraint; the definition in PostgreSQL's own words.
pub struct Constraint {
    pub name: String,
    pub kind: String,
    pub definition: String,
}

impl Schema {
    /// Reads `reference/db-schema.json`; the descriptions of the permissions are in the recorded answers beside it.
    pub fn read(description: &Path) -> Result<Self> {
        let document = read_json(description)?;
        let tables = document["tables"].as_object().ok_or("the description has no 'tables'")?;
        let mut tables = tables.iter().map(|(name, facts)| table(name, facts)).collect::<Result<Vec<_>>>()?;
        let fresh = document["fresh_rows"].as_object().ok_or("the description has no 'fresh_rows'")?;
        for (name, rows) in fresh {
            let table = tables.iter_mut().find(|table| table.name == *name);
            let table = table.ok_or_else(|| format!("rows for '{name}', which is no table"))?;
            table.rows = list(rows)?.iter().filter_map(|row| row.as_object().cloned()).collect();
        }
        let answers =
            description.with_file_name("../conformance/scenarios/golden/03_users_perms_groups.json");
        describe_permissions(&mut tables, &read_json(&answers)?)?;
        Ok(Self { tables: by_dependency(tables)? })
    }
}

impl Table {
    /// The tables that this one refers to, itself aside.
    pub fn parents(&self) -> BTreeSet<&str> {
        let definitions =
            self.constraints.iter().filter_map(|constraint| constraint.definition.split_once("REFERENCES "));
        let names = definitions.filter_map(|(_, target)| target.split('(').next());
        names.filter(|name| *name != self.name).collect()
    }
}

impl Column {
    /// Whether the database numbers the rows.
    pub fn is_serial(&self) -> bool {
        self.default.as_ref().is_some_and(|default| default.starts_with("nextval("))
    }
}

fn read_json(path: &Path) -> Result<Value> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("{}: {error}; set KOJI_SHARED", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

fn list(value: &Value) -> Result<&Vec<Value>> {
    value.as_array().ok_or_else(|| format!("not a list: {value}"))
}

fn text(value: &Value) -> Result<String> {
    value.as_str().map(str::to_owned).ok_or_else(|| format!("not a text: {value}"))
}

fn table(name: &str, facts: &Value) -> Result<Table> {
    Ok(Table {
        name: name.to_owned(),
        columns: list(&facts["columns"])?.iter().map(column).collect::<Result<_>>()?,
        constraints: list(&facts["constraints"])?.iter().map(constraint).collect::<Result<_>>()?,
        indexes: list(&facts["indexes"])?.iter().map(text).collect::<Result<_>>()?,
        rows: Vec::new(),
    })
}

fn column(facts: &Value) -> Result<Column> {
    Ok(Column {
        name: text(&facts["name"])?,
        kind: text(&facts["type"])?,
        nullable: facts["nullable"].as_bool().ok_or("a column without 'nullable'")?,
        default: facts["default"].as_str().map(str::to_owned),
    })
}

fn constraint(facts: &Value) -> Result<Constraint> {
    Ok(Constraint {
        name: text(&facts["name"])?,
        kind: text(&facts["kind"])?,
        definition: text(&facts["definition"])?,
    })
}

/// `getAllPerms` tells the descriptions, so they are part of what clients see of a fresh database.
fn describe_permissions(tables: &mut [Table], answers: &Value) -> Result {
    let call = list(answers)?.iter().find(|call| call["method"] == "getAllPerms");
    let answer = list(&call.ok_or("no recorded answer of getAllPerms")?["result"])?;
    let rows =
        tables.iter_mut().filter(|table| table.name == "permissions").flat_map(|table| &mut table.rows);
    for row in rows {
        let told = answer.iter().find(|told| told["name"] == row["name"]);
        let told =
            told.ok_or_else(|| format!("no recorded description of the permission {}", row["name"]))?;
        row.insert("description".to_owned(), told["description"].clone());
    }
    Ok(())
}

fn by_dependency(mut left: Vec<Table>) -> Result<Vec<Table>> {
    let mut done: Vec<Table> = Vec::new();
    while !left.is_empty() {
        let ready = left.iter().position(|table| {
            table.parents().iter().all(|parent| done.iter().any(|before| before.name == *parent))
        });
        let ready = ready.ok_or_else(|| format!("'{}' is in a circle of foreign keys", left[0].name))?;
        done.push(left.remove(ready));
    }
    Ok(done)
}
