//! The tables of a Koji database, as data: names, types, defaults.
//!
//! The list is generated from the recorded catalog of a Koji database on PostgreSQL; the types here name what both
//! databases have for it. Holds no SQL and opens nothing.

// generated with a column on each line, so that a change is a line
#[rustfmt::skip]
mod tables;

pub use tables::TABLES;

/// A table.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its name, the same in both databases.
    pub name: &'static str,
    /// Its columns in their order.
    pub columns: &'static [Column],
}

/// A column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name, the same in both databases.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it may be null.
    pub nullable: bool,
    /// The default in PostgreSQL's words.
    pub default: Option<&'static str>,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 32 bits.
    Integer,
    /// 64 bits.
    BigInt,
    /// 16 bits.
    SmallInt,
    /// Text of any length.
    Text,
    /// Text of at most so many characters.
    Varchar(u16),
    /// True or false; 0 or 1 on SQLite.
    Boolean,
    /// A moment; seconds since 1970 on SQLite.
    Timestamp,
    /// A floating-point number.
    Double,
    /// JSON kept as it was written.
    Json,
    /// JSON that PostgreSQL keeps parsed.
    Jsonb,
}

/// The table of a name.
pub fn table(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name)
}

impl Table {
    /// The column of a name.
    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Whether rows are revoked instead of deleted, so that the past can be asked for.
    pub fn is_versioned(&self) -> bool {
        self.column("create_event").is_some() && self.column("active").is_some()
    }
}

impl Column {
    /// Whether the database numbers the rows by this column.
    pub fn is_serial(&self) -> bool {
        self.default.is_some_and(|default| default.starts_with("nextval("))
    }
}

impl Kind {
    /// The type's name in PostgreSQL's catalog.
    pub fn on_postgres(self) -> String {
        match self {
            Kind::Integer => "integer".to_owned(),
            Kind::BigInt => "bigint".to_owned(),
            Kind::SmallInt => "smallint".to_owned(),
            Kind::Text => "text".to_owned(),
            Kind::Varchar(length) => format!("character varying({length})"),
            Kind::Boolean => "boolean".to_owned(),
            Kind::Timestamp => "timestamp with time zone".to_owned(),
            Kind::Double => "double precision".to_owned(),
            Kind::Json => "json".to_owned(),
            Kind::Jsonb => "jsonb".to_owned(),
        }
    }

    /// The declared type on SQLite.
    pub fn on_sqlite(self) -> &'static str {
        match self {
            Kind::Integer | Kind::BigInt | Kind::SmallInt => "INTEGER",
            Kind::Text | Kind::Varchar(_) | Kind::Json | Kind::Jsonb => "TEXT",
            Kind::Boolean => "BOOLEAN",
            Kind::Timestamp | Kind::Double => "REAL",
        }
    }
}

const fn required(name: &'static str, kind: Kind, default: Option<&'static str>) -> Column {
    Column { name, kind, nullable: false, default }
}

const fn nullable(name: &'static str, kind: Kind, default: Option<&'static str>) -> Column {
    Column { name, kind, nullable: true, default }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_found_by_name() {
        let tag_config = table("tag_config").unwrap();
        assert!(tag_config.is_versioned());
        assert_eq!(tag_config.column("arches").unwrap().kind, Kind::Text);
        assert!(!table("task").unwrap().is_versioned());
        assert!(table("task").unwrap().column("id").unwrap().is_serial());
        assert!(table("nothing").is_none());
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), TABLES.len());
    }
}
