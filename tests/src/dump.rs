//! Everything that a hub keeps, to be compared: the rows of all tables and the files.

use std::collections::BTreeMap;
use std::path::Path;

use koji_core::db::bind::Statement;
use koji_core::db::{Db, row};
use koji_schema::{Kind, TABLES};

use crate::TestHub;

/// A row: its columns with their values as text; NULL is none.
pub type DumpedRow = BTreeMap<&'static str, Option<String>>;

/// What a hub keeps.
#[derive(Clone, Debug, PartialEq)]
pub struct Dump {
    /// The rows of each table, sorted
    pub rows: BTreeMap<&'static str, Vec<DumpedRow>>,
    /// The files of the top directory with what is in them
    pub files: BTreeMap<String, Vec<u8>>,
}

impl TestHub {
    /// Reads everything.
    pub fn dump(&self) -> Dump {
        let db = Db::open(self.database(), 1).unwrap();
        let rows = db.read(|conn| {
            let mut tables = BTreeMap::new();
            for table in TABLES {
                let names: Vec<String> =
                    table.columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
                let select = Statement::new(format!("SELECT {} FROM {}", names.join(", "), table.name), ());
                let mut rows: Vec<DumpedRow> = Vec::new();
                conn.each_cells(&select, |mut cells| {
                    let mut dumped = DumpedRow::new();
                    for column in table.columns {
                        dumped.insert(column.name, text(column.kind, &mut cells)?);
                    }
                    rows.push(dumped);
                    Ok(())
                })?;
                rows.sort();
                tables.insert(table.name, rows);
            }
            Ok(tables)
        });
        let mut files = BTreeMap::new();
        list(&self.topdir(), &self.topdir(), &mut files);
        Dump { rows: rows.unwrap(), files }
    }
}

fn text(kind: Kind, cells: &mut impl koji_core::db::cells::Cells) -> koji_core::Result<Option<String>> {
    use row::Column as _;
    Ok(match kind {
        Kind::Integer | Kind::BigInt | Kind::SmallInt => i64::cell(cells)?.map(|value| value.to_string()),
        Kind::Boolean => bool::cell(cells)?.map(|value| value.to_string()),
        Kind::Double => f64::cell(cells)?.map(|value| value.to_string()),
        Kind::Timestamp => koji_core::db::Time::cell(cells)?.map(|value| value.to_string()),
        Kind::Text | Kind::Varchar(_) | Kind::Json | Kind::Jsonb => String::cell(cells)?,
    })
}

fn list(top: &Path, dir: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = path.strip_prefix(top).unwrap().display().to_string();
        let kind = entry.file_type().unwrap();
        if kind.is_symlink() {
            files.insert(name, std::fs::read_link(&path).unwrap().display().to_string().into_bytes());
        } else if kind.is_dir() {
            files.insert(format!("{name}/"), Vec::new());
            list(top, &path, files);
        } else {
            files.insert(name, std::fs::read(&path).unwrap());
        }
    }
}
