//! The SQL that makes a Koji database on PostgreSQL, equal in catalog to the recorded one.

use super::model::{Column, Schema, Table};
use super::portable::{HEAD, drops, rows};
use crate::Result;

/// Events number the changes of versioned tables: a row of those takes its `create_event` from here by default.
const FUNCTIONS: &str = "
-- Makes an event and answers its id: the default of create_event.
CREATE FUNCTION get_event() RETURNS integer LANGUAGE sql AS $$
    INSERT INTO events DEFAULT VALUES RETURNING id
$$;

-- When an event was.
CREATE FUNCTION get_event_time(integer) RETURNS timestamp with time zone LANGUAGE sql AS $$
    SELECT events.time FROM events WHERE events.id = $1
$$;
";

/// Makes everything, in one go, in an empty database.
pub fn up(schema: &Schema) -> Result<String> {
    let mut sql = HEAD.to_owned();
    for table in &schema.tables {
        sql.push_str(&create(table));
        if table.name == "events" {
            sql.push_str(FUNCTIONS);
        }
    }
    sql.push_str(&rows(schema, ["false", "true"])?);
    sql.push_str("\n-- The rows above came with their ids: number on after them.\n");
    sql.extend(schema.tables.iter().filter_map(setval));
    Ok(sql)
}

/// Drops everything again.
pub fn down(schema: &Schema) -> String {
    // the defaults of the other tables need the functions, and the functions need events
    let events = "DROP TABLE events;\n";
    let others = drops(schema).replace(events, "");
    format!("{HEAD}\n{others}DROP FUNCTION get_event_time(integer);\nDROP FUNCTION get_event();\n{events}")
}

fn create(table: &Table) -> String {
    let mut lines: Vec<String> = table.columns.iter().map(column).collect();
    lines.extend(table.constraints.iter().map(|it| format!("    CONSTRAINT {} {}", it.name, it.definition)));
    let mut sql = format!("\nCREATE TABLE {} (\n{}\n);\n", table.name, lines.join(",\n"));
    for index in &table.indexes {
        sql.push_str(&index.replace(" ON public.", " ON "));
        sql.push_str(";\n");
    }
    sql
}

fn column(column: &Column) -> String {
    let null = if column.nullable { "" } else { " NOT NULL" };
    match &column.default {
        Some(_) if column.is_serial() => format!("    {} serial{null}", column.name),
        Some(default) => format!("    {} {} DEFAULT {default}{null}", column.name, column.kind),
        None => format!("    {} {}{null}", column.name, column.kind),
    }
}

/// Sets a sequence to the highest id that was given. Those that stand at 0 still start with 1.
fn setval(table: &Table) -> Option<String> {
    let serial = table.columns.iter().find(|column| column.is_serial())?;
    let last = table.rows.iter().filter_map(|row| row.get(&serial.name)?.as_i64()).max()?;
    (last > 0).then(|| format!("SELECT setval('{}_{}_seq', {last});\n", table.name, serial.name))
}
