//! Rows: structs that declare the columns they are read from.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::cells::Cells;
use super::time::Time;
use crate::api::schema::{self, Described};
use crate::{Error, Result};

/// A struct (or a value, or a tuple) that is read from the cells of a row, in order.
pub trait Row: Sized {
    /// The columns: the key in answers and in `queryOpts`, and the SQL expression. None for tuples.
    fn columns() -> Vec<ColumnText> {
        Vec::new()
    }

    /// Reads one row.
    fn read(cells: &mut impl Cells) -> Result<Self>;
}

/// A column: its key and its SQL expression.
pub type ColumnText = (&'static str, &'static str);

/// A type that a single cell is read as.
pub trait Column: Sized {
    /// Reads the next cell; None is NULL.
    fn cell(cells: &mut impl Cells) -> Result<Option<Self>>;
}

macro_rules! columns {
    ($($ty:ty => |$cells:ident| $read:expr;)*) => {
        $(impl Column for $ty {
            fn cell($cells: &mut impl Cells) -> Result<Option<Self>> { $read }
        })*
    };
}

columns! {
    i64 => |cells| cells.int();
    i32 => |cells| cells.int()?.map(i32::try_from).transpose().map_err(|_| large());
    bool => |cells| Ok(cells.int()?.map(|value| value != 0));
    f64 => |cells| cells.double();
    String => |cells| cells.text();
    Vec<u8> => |cells| cells.bytes();
    Time => |cells| cells.time();
    serde_json::Value => |cells| Ok(cells.text()?.map(|text| serde_json::from_str(&text)).transpose()?);
    Box<RawValue> => |cells| Ok(cells.text()?.map(RawValue::from_string).transpose()?);
}

fn large() -> Error {
    Error::unforeseen("a number from the database is too large")
}

/// A cell of a struct's field: the type itself refuses NULL, an Option takes it.
pub trait Cell: Sized {
    /// Reads the next cell.
    fn read(cells: &mut impl Cells) -> Result<Self>;
}

impl<T: Column> Cell for T {
    fn read(cells: &mut impl Cells) -> Result<Self> {
        T::cell(cells)?
            .ok_or_else(|| Error::unforeseen("the database answered NULL for a value that must be"))
    }
}

impl<T: Column> Cell for Option<T> {
    fn read(cells: &mut impl Cells) -> Result<Self> {
        T::cell(cells)
    }
}

impl<T: Cell> Row for T {
    fn read(cells: &mut impl Cells) -> Result<Self> {
        <T as Cell>::read(cells)
    }
}

macro_rules! row_tuple {
    ($($name:ident)+) => {
        impl<$($name: Cell),+> Row for ($($name,)+) {
            fn read(cells: &mut impl Cells) -> Result<Self> {
                Ok(($(<$name as Cell>::read(cells)?,)+))
            }
        }
    };
}

row_tuple!(A B);
row_tuple!(A B C);
row_tuple!(A B C D);
row_tuple!(A B C D E);
row_tuple!(A B C D E F);
row_tuple!(A B C D E F G);
row_tuple!(A B C D E F G H);

/// Declares a struct of an answer with the columns it is read from: each field has the key that clients see,
/// its type and the SQL expression.
///
/// ```
/// koji_core::row! {
///     /// A package.
///     pub struct PackageRow {
///         /// Its id
///         pub id: i32 = "package.id",
///         /// Its name
///         pub name: String = "package.name",
///     }
/// }
/// ```
///
/// A row may begin with the columns of another, whose fields it then has as if they were its own:
/// `pub struct OwnedPackage: PackageRow { pub owner: i32 = "tag_packages.owner" }`.
#[macro_export]
macro_rules! row {
    ($(#[$meta:meta])* $vis:vis struct $name:ident {
        $($(#[$field_meta:meta])* $field_vis:vis $field:ident : $ty:ty = $sql:expr),+ $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
        $vis struct $name { $($(#[$field_meta])* $field_vis $field: $ty),+ }

        impl $crate::db::Row for $name {
            fn columns() -> Vec<$crate::db::row::ColumnText> {
                vec![$(($crate::db::row::key(stringify!($field)), $sql)),+]
            }

            fn read(cells: &mut impl $crate::db::cells::Cells) -> $crate::Result<Self> {
                Ok(Self { $($field: <$ty as $crate::db::row::Cell>::read(cells)?),+ })
            }
        }

        impl $crate::api::schema::Described for $name {
            fn schema() -> serde_json::Value {
                $crate::described!($($field: $ty),+)
            }
        }
    };
    ($(#[$meta:meta])* $vis:vis struct $name:ident : $base:ty {
        $($(#[$field_meta:meta])* $field_vis:vis $field:ident : $ty:ty = $sql:expr),+ $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
        $vis struct $name {
            /// The columns that it begins with
            #[serde(flatten)]
            pub base: $base,
            $($(#[$field_meta])* $field_vis $field: $ty),+
        }

        impl std::ops::Deref for $name {
            type Target = $base;
            fn deref(&self) -> &$base {
                &self.base
            }
        }

        impl std::ops::DerefMut for $name {
            fn deref_mut(&mut self) -> &mut $base {
                &mut self.base
            }
        }

        impl $crate::db::Row for $name {
            fn columns() -> Vec<$crate::db::row::ColumnText> {
                let mut columns = <$base as $crate::db::Row>::columns();
                columns.extend([$(($crate::db::row::key(stringify!($field)), $sql)),+]);
                columns
            }

            fn read(cells: &mut impl $crate::db::cells::Cells) -> $crate::Result<Self> {
                Ok(Self {
                    base: <$base as $crate::db::Row>::read(cells)?,
                    $($field: <$ty as $crate::db::row::Cell>::read(cells)?),+
                })
            }
        }

        impl $crate::api::schema::Described for $name {
            fn schema() -> serde_json::Value {
                let own = $crate::described!($($field: $ty),+);
                $crate::api::schema::joined(<$base as $crate::api::schema::Described>::schema(), &own)
            }
        }
    };
}

/// The schema of a row's own fields.
#[doc(hidden)]
#[macro_export]
macro_rules! described {
    ($($field:ident: $ty:ty),+) => {{
        #[allow(unused_imports, clippy::allow_attributes, reason = "asked only where a field's type tells nothing")]
        use $crate::api::schema::Unknown as _;
        $crate::api::schema::object(&[
            $(($crate::db::row::key(stringify!($field)), $crate::api::schema::Probe::<$ty>::new().schema())),+
        ])
    }};
}

/// The key of a field: a raw identifier loses its mark (`r#type` is `type`).
pub const fn key(field: &'static str) -> &'static str {
    match field.as_bytes() {
        [b'r', b'#', ..] => field.split_at(2).1,
        _ => field,
    }
}

/// A row that has the columns of two types, each of which is used alone as well.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct With<B, M> {
    /// What all of them have
    #[serde(flatten)]
    pub base: B,
    /// What only these have
    #[serde(flatten)]
    pub more: M,
}

impl<B: Row, M: Row> Row for With<B, M> {
    fn columns() -> Vec<ColumnText> {
        [B::columns(), M::columns()].concat()
    }

    fn read(cells: &mut impl Cells) -> Result<Self> {
        Ok(Self { base: B::read(cells)?, more: M::read(cells)? })
    }
}

impl<B: Described, M: Described> Described for With<B, M> {
    fn schema() -> serde_json::Value {
        schema::joined(B::schema(), &M::schema())
    }
}
