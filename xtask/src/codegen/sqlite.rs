//! The SQL that makes a Koji database on SQLite: the same tables, columns and constraints in the nearest types.
//!
//! Whatever PostgreSQL refuses by the type of a column (a text too long, no JSON), a CHECK refuses here.

use super::model::{Column, Constraint, Schema, Table};
use super::portable::{HEAD, drops, rows};
use crate::Result;

/// What differs, told at the head of the file.
const DIFFERENCES: &str = "--
-- What differs from PostgreSQL:
-- * timestamps are seconds since 1970 (REAL), booleans 0 and 1, JSON is text; CHECKs named *_length and *_json stand in
--   for the limits of the types;
-- * create_event has no default, for there are no functions: the caller makes the event;
-- * the index rpminfo_filename has no INCLUDE (id): an index on SQLite always holds the row's id. No index is left out;
-- * draft_release_sane uses GLOB instead of a regular expression.
";

/// Seconds since 1970, to the millisecond.
const NOW: &str = "((julianday('now') - 2440587.5) * 86400.0)";

/// Makes everything, in one go, in an empty database.
pub fn up(schema: &Schema) -> Result<String> {
    let mut sql = format!("{HEAD}{DIFFERENCES}");
    for table in &schema.tables {
        sql.push_str(&create(table)?);
    }
    sql.push_str(&rows(schema, ["0", "1"])?);
    Ok(sql)
}

/// Drops everything again.
pub fn down(schema: &Schema) -> String {
    format!("{HEAD}\n{}", drops(schema))
}

fn create(table: &Table) -> Result<String> {
    let mut lines = Vec::new();
    for column in &table.columns {
        lines.push(definition(table, column)?);
    }
    let serial = table.columns.iter().any(Column::is_serial);
    let constraints = table.constraints.iter().filter(|it| !(serial && it.kind == "primary key"));
    for constraint in constraints {
        lines.push(format!("    CONSTRAINT {} {}", constraint.name, expression(constraint)?));
    }
    lines.extend(table.columns.iter().filter_map(|column| limit(table, column)));
    let mut sql = format!("\nCREATE TABLE {} (\n{}\n);\n", table.name, lines.join(",\n"));
    for statement in &table.indexes {
        sql.push_str(&index(statement)?);
    }
    Ok(sql)
}

fn definition(table: &Table, column: &Column) -> Result<String> {
    let name = &column.name;
    if column.is_serial() {
        let key = table.constraints.iter().find(|it| it.definition == format!("PRIMARY KEY ({name})"));
        let key = key.ok_or_else(|| format!("{}.{name} is numbered but not the primary key", table.name))?;
        return Ok(format!("    {name} INTEGER NOT NULL CONSTRAINT {} PRIMARY KEY AUTOINCREMENT", key.name));
    }
    let default = match column.default.as_deref() {
        None | Some("get_event()") => String::new(),
        Some("true") => " DEFAULT 1".to_owned(),
        Some("false") => " DEFAULT 0".to_owned(),
        Some("now()" | "clock_timestamp()") => format!(" DEFAULT {NOW}"),
        Some(other) => format!(" DEFAULT {}", plain(other)?),
    };
    let null = if column.nullable { "" } else { " NOT NULL" };
    Ok(format!("    {name} {}{default}{null}", kind(&column.kind)?))
}

fn kind(postgres: &str) -> Result<&'static str> {
    Ok(match postgres {
        "integer" | "bigint" | "smallint" => "INTEGER",
        "text" | "json" | "jsonb" => "TEXT",
        "boolean" => "BOOLEAN",
        "timestamp with time zone" | "double precision" => "REAL",
        varchar if varchar.starts_with("character varying(") => "TEXT",
        other => return Err(format!("no type on SQLite for '{other}'")),
    })
}

fn limit(table: &Table, column: &Column) -> Option<String> {
    let name = &column.name;
    let (suffix, check) = match column.kind.strip_prefix("character varying(") {
        Some(length) => ("length", format!("length({name}) <= {}", length.trim_end_matches(')'))),
        None if column.kind.starts_with("json") => ("json", format!("json_valid({name})")),
        None => return None,
    };
    Some(format!("    CONSTRAINT {}_{name}_{suffix} CHECK ({check})", table.name))
}

fn expression(constraint: &Constraint) -> Result<String> {
    if constraint.name == "draft_release_sane" {
        // the only check that needs more than the operators which both databases have
        let known = "CHECK (((NOT draft) OR (release ~ (('^.*,draft_'::text || (id)::text) || '$'::text))))";
        if constraint.definition != known {
            return Err(format!("draft_release_sane has changed: {}", constraint.definition));
        }
        return Ok("CHECK (NOT draft OR release GLOB ('*,draft_' || id))".to_owned());
    }
    plain(&constraint.definition)
}

fn index(statement: &str) -> Result<String> {
    let statement =
        statement.replace(" ON public.", " ON ").replace(" USING btree", "").replace(" INCLUDE (id)", "");
    Ok(format!("{};\n", plain(&statement)?))
}

/// The words of PostgreSQL without its casts; refuses what SQLite would read differently or not at all.
fn plain(postgres: &str) -> Result<String> {
    let sql = postgres.replace("::text", "").replace("::double precision", "");
    match ["::", " ~ ", " INCLUDE ", " USING ", "get_event"].iter().find(|word| sql.contains(**word)) {
        Some(word) => Err(format!("'{word}' is not for SQLite: {postgres}")),
        None => Ok(sql),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn casts_go_and_what_sqlite_lacks_is_refused() {
        assert_eq!(
            plain("CHECK ((NOT (weight < (0)::double precision)))").unwrap(),
            "CHECK ((NOT (weight < (0))))"
        );
        assert!(plain("CHECK ((name ~ 'x'::text))").is_err());
        assert!(plain("'{}'::jsonb").is_err());
        assert!(kind("inet").is_err());
    }
}
