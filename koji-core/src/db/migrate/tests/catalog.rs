//! The catalog of a PostgreSQL database that we make, against the recorded one, word for word.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::*;

#[derive(QueryableByName)]
struct Fact {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    fact: String,
}

/// A list of facts for each table.
fn facts(conn: &mut PgConnection, sql: &str) -> BTreeMap<String, Vec<String>> {
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in diesel::sql_query(sql).load::<Fact>(conn).unwrap() {
        tables.entry(row.table_name).or_default().push(row.fact);
    }
    tables
}

fn recorded(document: &Value, tell: impl Fn(&Value) -> Vec<String>) -> BTreeMap<String, Vec<String>> {
    let tables = document["tables"].as_object().unwrap().iter();
    tables.map(|(name, table)| (name.clone(), tell(table))).filter(|(_, facts)| !facts.is_empty()).collect()
}

fn unordered(tables: BTreeMap<String, Vec<String>>) -> BTreeMap<String, Vec<String>> {
    tables.into_iter().map(|(table, facts)| (table, sorted(facts))).collect()
}

fn sorted(mut facts: Vec<String>) -> Vec<String> {
    facts.sort();
    facts
}

fn description() -> Option<Value> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let path = std::env::var_os("KOJI_SHARED").map_or(beside, PathBuf::from).join("reference/db-schema.json");
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(serde_json::from_str(&text).unwrap()),
        Err(_) => {
            println!("skipped: no {}; set KOJI_SHARED", path.display());
            None
        }
    }
}

const COLUMNS: &str = "SELECT c.relname::text AS table_name, json_build_array(a.attname, \
        format_type(a.atttypid, a.atttypmod), NOT a.attnotnull, pg_get_expr(d.adbin, d.adrelid))::text AS fact \
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum \
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped \
    ORDER BY c.relname, a.attnum";
const CONSTRAINTS: &str = "SELECT c.relname::text AS table_name, \
        concat_ws('|', k.conname, k.contype, pg_get_constraintdef(k.oid)) AS fact \
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid \
    WHERE c.relnamespace = 'public'::regnamespace";
const INDEXES: &str = "SELECT tablename::text AS table_name, indexdef::text AS fact FROM pg_indexes \
    WHERE schemaname = 'public' AND indexname NOT IN (SELECT conname FROM pg_constraint)";

#[test]
fn postgres_has_the_recorded_catalog() {
    let Some(document) = description() else { return };
    let Some((_scratch, mut conn)) = scratch("catalog") else { return };
    migrate_postgres(&mut conn).unwrap();

    let columns = recorded(&document, |table| {
        let column = |it: &Value| json!([it["name"], it["type"], it["nullable"], it["default"]]).to_string();
        table["columns"].as_array().unwrap().iter().map(column).collect()
    });
    let found = facts(&mut conn, COLUMNS).into_iter().map(|(table, facts)| {
        let compact = |fact: &String| serde_json::from_str::<Value>(fact).unwrap().to_string();
        (table, facts.iter().map(compact).collect())
    });
    assert_eq!(found.collect::<BTreeMap<_, Vec<_>>>(), columns);

    let constraints = recorded(&document, |table| {
        let letter = |kind: &str| kind.chars().next().unwrap();
        let constraint = |it: &Value| {
            let [name, kind, definition] =
                ["name", "kind", "definition"].map(|key| it[key].as_str().unwrap());
            format!("{name}|{}|{definition}", letter(kind))
        };
        sorted(table["constraints"].as_array().unwrap().iter().map(constraint).collect())
    });
    assert_eq!(unordered(facts(&mut conn, CONSTRAINTS)), constraints);

    let indexes = recorded(&document, |table| {
        let text = |it: &Value| it.as_str().unwrap().to_owned();
        sorted(table["indexes"].as_array().unwrap().iter().map(text).collect())
    });
    assert_eq!(unordered(facts(&mut conn, INDEXES)), indexes);
}

#[test]
fn both_databases_hold_the_recorded_rows() {
    let Some(document) = description() else { return };
    let mut sqlite = sqlite();
    migrate_sqlite(&mut sqlite).unwrap();
    let rows = document["fresh_rows"].as_object().unwrap();
    let mut postgres = scratch("rows");
    if let Some((_, conn)) = &mut postgres {
        migrate_postgres(conn).unwrap();
    }
    for (table, rows) in rows {
        let rows = rows.as_array().unwrap();
        for row in rows {
            let sql = counting(table, row.as_object().unwrap());
            assert_eq!(diesel::sql_query(&sql).get_result::<Number>(&mut sqlite).unwrap().number, 1, "{sql}");
            if let Some((_, conn)) = &mut postgres {
                assert_eq!(diesel::sql_query(&sql).get_result::<Number>(conn).unwrap().number, 1, "{sql}");
            }
        }
        let all = format!("SELECT count(*) AS number FROM {table}");
        let count = diesel::sql_query(all).get_result::<Number>(&mut sqlite).unwrap().number;
        assert_eq!(count, i64::try_from(rows.len()).unwrap(), "{table}");
    }
}

/// Counts the rows that are equal to a recorded one.
fn counting(table: &str, row: &serde_json::Map<String, Value>) -> String {
    let equal = row.iter().map(|(name, value)| match value {
        Value::Null => format!("{name} IS NULL"),
        Value::String(text) => format!("{name} = '{}'", text.replace('\'', "''")),
        other => format!("{name} = {other}"),
    });
    format!("SELECT count(*) AS number FROM {table} WHERE {}", equal.collect::<Vec<_>>().join(" AND "))
}
