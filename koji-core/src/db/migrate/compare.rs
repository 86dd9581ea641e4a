//! Compares the columns that a database has with those that we know. Opens nothing.
//!
//! More than we know is fine (tables of plugins, columns that a site added), unless a row could not be written
//! without it.

use std::collections::BTreeMap;

use koji_schema::{Column, Kind, TABLES, Table};

/// How many differences a message names.
const TOLD: usize = 8;

/// A column as a database has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its table.
    pub table: String,
    /// Its name.
    pub column: String,
    /// Its type, in the words of that database.
    pub kind: String,
    /// Whether it may be null.
    pub nullable: bool,
    /// Its default, in the words of that database.
    pub default: Option<String>,
}

/// What is missing, of another type, or in the way; `name` names a kind as that database does.
pub fn differences(found: &[Found], name: impl Fn(Kind) -> String) -> Vec<String> {
    let mut tables: BTreeMap<&str, BTreeMap<&str, &Found>> = BTreeMap::new();
    for column in found {
        tables.entry(&column.table).or_default().insert(&column.column, column);
    }
    let mut differences = Vec::new();
    for table in TABLES {
        match tables.get(table.name) {
            None => differences.push(format!("the table {} is missing", table.name)),
            Some(columns) => compare(table, columns, &name, &mut differences),
        }
    }
    differences
}

/// Which release of Koji tables look like that are not of a level we know: by what each release added.
pub fn release(found: &[Found]) -> &'static str {
    let has = |table: &str, column: &str| found.iter().any(|it| it.table == table && it.column == column);
    match (has("task", "id"), has("rpminfo", "draft"), has("repo_queue", "id")) {
        (false, ..) => "not like Koji's",
        (_, false, _) => "like those of Koji 1.33 or earlier",
        (_, _, false) => "like those of Koji 1.34",
        _ => "like those of a later Koji than is known here, or altered",
    }
}

/// The first differences as one line.
pub fn tell(differences: &[String]) -> String {
    let mut line = differences.iter().take(TOLD).map(String::as_str).collect::<Vec<_>>().join(", ");
    if differences.len() > TOLD {
        line.push_str(&format!(", and {} more", differences.len() - TOLD));
    }
    line
}

fn compare(
    table: &Table,
    found: &BTreeMap<&str, &Found>,
    name: &impl Fn(Kind) -> String,
    differences: &mut Vec<String>,
) {
    for column in table.columns {
        match found.get(column.name) {
            None => differences.push(format!("{}.{} is missing", table.name, column.name)),
            Some(found) => differences.extend(unlike(column, found, &name(column.kind))),
        }
    }
    let extra = found.values().filter(|it| table.column(&it.column).is_none());
    let needed = extra.filter(|it| !it.nullable && it.default.is_none());
    differences.extend(needed.map(|it| format!("{}.{} is unknown and required", it.table, it.column)));
}

fn unlike(column: &Column, found: &Found, kind: &str) -> Option<String> {
    let place = format!("{}.{}", found.table, found.column);
    if found.kind != kind {
        return Some(format!("{place} is {} instead of {kind}", found.kind));
    }
    match (found.nullable, column.nullable) {
        (true, false) => Some(format!("{place} may be null")),
        (false, true) => Some(format!("{place} may not be null")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete() -> Vec<Found> {
        let of = |table: &Table, column: &Column| Found {
            table: table.name.to_owned(),
            column: column.name.to_owned(),
            kind: column.kind.on_postgres(),
            nullable: column.nullable,
            default: column.default.map(str::to_owned),
        };
        TABLES.iter().flat_map(|table| table.columns.iter().map(move |column| of(table, column))).collect()
    }

    fn column<'a>(found: &'a mut [Found], table: &str, column: &str) -> &'a mut Found {
        found.iter_mut().find(|it| it.table == table && it.column == column).unwrap()
    }

    #[test]
    fn what_differs_is_named() {
        let mut found = complete();
        assert_eq!(differences(&found, Kind::on_postgres), [""; 0]);
        found.retain(|it| !(it.table == "rpminfo" && it.column == "draft") && it.table != "locks");
        column(&mut found, "task", "label").kind = "text".to_owned();
        column(&mut found, "tag", "name").nullable = true;
        let mut told = differences(&found, Kind::on_postgres);
        told.sort();
        assert_eq!(
            told,
            [
                "rpminfo.draft is missing",
                "tag.name may be null",
                "task.label is text instead of character varying(255)",
                "the table locks is missing",
            ]
        );
    }

    #[test]
    fn additions_are_fine_unless_a_row_needs_them() {
        let mut found = complete();
        let mut plugin = found[0].clone();
        plugin.table = "plugin_table".to_owned();
        let mut optional = column(&mut found, "tag", "name").clone();
        (optional.column, optional.nullable) = ("site_note".to_owned(), true);
        found.extend([plugin, optional.clone()]);
        assert_eq!(differences(&found, Kind::on_postgres), [""; 0]);
        optional.nullable = false;
        optional.column = "site_key".to_owned();
        found.push(optional);
        assert_eq!(differences(&found, Kind::on_postgres), ["tag.site_key is unknown and required"]);
    }

    #[test]
    fn a_long_list_is_cut() {
        let told = tell(&differences(&[], Kind::on_postgres));
        assert!(told.ends_with(", and 60 more"), "{told}");
    }
}
