//! Whether a value fits its column. SQLite stores any number and text of any length in any column; PostgreSQL refuses
//! what is out of range, so both do here.

use koji_schema::{Kind, Table};

use super::bind::Bind;
use crate::{Error, Result};

/// What is wrong with values that were set, if anything is. It is told when the statement is to run.
#[derive(Clone, Debug, Default)]
pub(super) struct Fit(Option<String>);

impl Fit {
    /// Looks at a value for a column.
    pub fn see(&mut self, table: &str, column: &str, bind: &Bind) {
        if !matches!(bind, Bind::Int(_) | Bind::Text(_)) {
            return;
        }
        let kind = koji_schema::table(table).and_then(|table| kind_of(table, column));
        if self.0.is_none() {
            self.0 = kind.and_then(|kind| misfit(kind, bind)).map(|what| format!("{table}.{column}: {what}"));
        }
    }

    /// Looks at rows of values for columns.
    pub fn see_rows(&mut self, table: &str, columns: &[&str], rows: &[Vec<Bind>]) {
        let Some(known) = koji_schema::table(table) else { return };
        for (place, column) in columns.iter().enumerate() {
            let Some(kind) = kind_of(known, column) else { continue };
            let wrong = rows.iter().filter_map(|row| misfit(kind, row.get(place)?)).next();
            if let (Some(what), None) = (wrong, &self.0) {
                self.0 = Some(format!("{table}.{column}: {what}"));
            }
        }
    }

    /// Refuses what does not fit.
    pub fn judge(self) -> Result<()> {
        self.0.map_or(Ok(()), |what| Err(Error::unforeseen(what)))
    }
}

fn kind_of(table: &Table, column: &str) -> Option<Kind> {
    table.column(column).map(|column| column.kind)
}

fn misfit(kind: Kind, bind: &Bind) -> Option<String> {
    match (kind, bind) {
        (Kind::Integer, Bind::Int(int)) if i32::try_from(*int).is_err() => {
            Some(format!("{int} is out of range"))
        }
        (Kind::SmallInt, Bind::Int(int)) if i16::try_from(*int).is_err() => {
            Some(format!("{int} is out of range"))
        }
        (Kind::Varchar(most), Bind::Text(text)) if text.len() > most.into() => {
            let count = text.trim_end_matches(' ').chars().count();
            (count > most.into()).then(|| format!("text of {count} characters, at most {most} fit"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_postgresql_refuses_does_not_fit() {
        let fits = |table: &str, column: &str, bind: Bind| {
            let (mut one, mut many) = (Fit::default(), Fit::default());
            one.see(table, column, &bind);
            many.see_rows(table, &["x", column], &[vec![Bind::Null, bind]]);
            let fits = one.judge().is_ok();
            assert_eq!(many.judge().is_ok(), fits);
            fits
        };
        assert!(fits("task", "priority", Bind::Int(i32::MAX.into())));
        assert!(!fits("task", "priority", Bind::Int(1 << 31)));
        assert!(fits("rpminfo", "size", Bind::Int(1 << 40)));
        assert!(fits("task", "label", Bind::Text("\u{e4}".repeat(255))));
        assert!(!fits("task", "label", Bind::Text("x".repeat(256))));
        assert!(fits("task", "request", Bind::Text("x".repeat(70_000))));
    }
}
