//! Reading one row, cell by cell: what each database's driver hands out, as plain Rust values.

use diesel::deserialize::FromSql;
use diesel::pg::{Pg, PgValue};
use diesel::row::{Field as _, Row as DieselRow};
use diesel::sql_types as sql;
use diesel::sqlite::Sqlite;

use super::time::Time;
use crate::{Error, Result};

/// The cells of a row, read in the order of its columns. Each answers None for NULL.
pub trait Cells {
    /// Any integer, and a truth value as 0 or 1.
    fn int(&mut self) -> Result<Option<i64>>;
    /// Any number.
    fn double(&mut self) -> Result<Option<f64>>;
    /// Text and JSON.
    fn text(&mut self) -> Result<Option<String>>;
    /// Bytes.
    fn bytes(&mut self) -> Result<Option<Vec<u8>>>;
    /// A point in time.
    fn time(&mut self) -> Result<Option<Time>>;
}

impl<C: Cells + ?Sized> Cells for &mut C {
    fn int(&mut self) -> Result<Option<i64>> {
        (**self).int()
    }
    fn double(&mut self) -> Result<Option<f64>> {
        (**self).double()
    }
    fn text(&mut self) -> Result<Option<String>> {
        (**self).text()
    }
    fn bytes(&mut self) -> Result<Option<Vec<u8>>> {
        (**self).bytes()
    }
    fn time(&mut self) -> Result<Option<Time>> {
        (**self).time()
    }
}

fn wrong(what: &str) -> Error {
    Error::unforeseen(format!("the database answered with a {what} where none was expected"))
}

/// A row of SQLite.
pub(super) struct SqliteCells<R> {
    pub row: R,
    pub next: usize,
}

macro_rules! sqlite_cell {
    ($self:ident, $rust:ty, $sql:ty) => {{
        let field = $self.row.get($self.next).ok_or_else(|| wrong("shorter row"))?;
        $self.next += 1;
        match field.value() {
            None => Ok(None),
            Some(value) => <$rust as FromSql<$sql, Sqlite>>::from_sql(value)
                .map(Some)
                .map_err(|source| wrong("value").caused_by(source)),
        }
    }};
}

impl<'a, R: DieselRow<'a, Sqlite>> Cells for SqliteCells<R> {
    fn int(&mut self) -> Result<Option<i64>> {
        sqlite_cell!(self, i64, sql::BigInt)
    }
    fn double(&mut self) -> Result<Option<f64>> {
        sqlite_cell!(self, f64, sql::Double)
    }
    fn text(&mut self) -> Result<Option<String>> {
        sqlite_cell!(self, String, sql::Text)
    }
    fn bytes(&mut self) -> Result<Option<Vec<u8>>> {
        sqlite_cell!(self, Vec<u8>, sql::Binary)
    }
    fn time(&mut self) -> Result<Option<Time>> {
        Ok(self.double()?.map(Time))
    }
}

/// A row of PostgreSQL.
pub(super) struct PgCells<R> {
    pub row: R,
    pub next: usize,
}

/// The types of PostgreSQL's catalog that Koji's tables and counts have.
mod oid {
    pub const BOOL: u32 = 16;
    pub const INT8: u32 = 20;
    pub const INT2: u32 = 21;
    pub const INT4: u32 = 23;
    pub const FLOAT4: u32 = 700;
    pub const FLOAT8: u32 = 701;
    pub const TIMESTAMPTZ: u32 = 1184;
    pub const NUMERIC: u32 = 1700;
    pub const JSONB: u32 = 3802;
}

/// Microseconds since 2000-01-01, as PostgreSQL counts, begin this many seconds after the epoch.
const PG_EPOCH_S: i64 = 946_684_800;

fn fixed<const N: usize>(value: &PgValue<'_>) -> Result<[u8; N]> {
    value.as_bytes().try_into().map_err(|_| wrong("value of another length"))
}

impl<'a, R: DieselRow<'a, Pg>> PgCells<R> {
    fn cell<T>(&mut self, read: impl FnOnce(PgValue<'_>, u32) -> Result<T>) -> Result<Option<T>> {
        let field = self.row.get(self.next).ok_or_else(|| wrong("shorter row"))?;
        self.next += 1;
        field
            .value()
            .map(|value| {
                let oid = value.get_oid().get();
                read(value, oid)
            })
            .transpose()
    }
}

impl<'a, R: DieselRow<'a, Pg>> Cells for PgCells<R> {
    fn int(&mut self) -> Result<Option<i64>> {
        self.cell(|value, oid| {
            Ok(match oid {
                oid::INT4 => i32::from_be_bytes(fixed(&value)?).into(),
                oid::INT8 => i64::from_be_bytes(fixed(&value)?),
                oid::INT2 => i16::from_be_bytes(fixed(&value)?).into(),
                oid::BOOL => i64::from(fixed::<1>(&value)?[0] != 0),
                oid::NUMERIC => numeric(value)? as i64,
                _ => return Err(wrong("value that is no integer")),
            })
        })
    }
    fn double(&mut self) -> Result<Option<f64>> {
        self.cell(|value, oid| {
            Ok(match oid {
                oid::FLOAT8 => f64::from_be_bytes(fixed(&value)?),
                oid::FLOAT4 => f32::from_be_bytes(fixed(&value)?).into(),
                oid::INT4 => i32::from_be_bytes(fixed(&value)?).into(),
                oid::INT8 => i64::from_be_bytes(fixed(&value)?) as f64,
                oid::NUMERIC => numeric(value)?,
                oid::TIMESTAMPTZ => pg_time(&value)?.0,
                _ => return Err(wrong("value that is no number")),
            })
        })
    }
    fn text(&mut self) -> Result<Option<String>> {
        self.cell(|value, oid| {
            let bytes = value.as_bytes();
            let bytes = if oid == oid::JSONB { bytes.get(1..).unwrap_or_default() } else { bytes };
            String::from_utf8(bytes.to_vec()).map_err(|_| wrong("text that is not UTF-8"))
        })
    }
    fn bytes(&mut self) -> Result<Option<Vec<u8>>> {
        self.cell(|value, _| Ok(value.as_bytes().to_vec()))
    }
    fn time(&mut self) -> Result<Option<Time>> {
        self.cell(|value, _| pg_time(&value))
    }
}

fn pg_time(value: &PgValue<'_>) -> Result<Time> {
    let micros = i64::from_be_bytes(fixed(value)?) + PG_EPOCH_S * 1_000_000;
    Ok(Time(micros as f64 / 1e6))
}

/// PostgreSQL's numeric: groups of four decimal digits. Sums and averages come as this.
fn numeric(value: PgValue<'_>) -> Result<f64> {
    let bytes = value.as_bytes();
    let word = |at: usize| -> Result<i16> {
        let pair = bytes.get(2 * at..2 * at + 2).ok_or_else(|| wrong("short number"))?;
        Ok(i16::from_be_bytes([pair[0], pair[1]]))
    };
    let (digits, weight, sign) = (word(0)?, word(1)?, word(2)? as u16);
    let mut sum = 0.0;
    for i in 0..digits {
        sum += f64::from(word(4 + i as usize)?) * 10_000_f64.powi(i32::from(weight - i));
    }
    Ok(if sign == 0x4000 { -sum } else { sum })
}
