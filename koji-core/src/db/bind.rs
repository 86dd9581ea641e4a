//! Values that go into statements, and statements with their values.

use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{Array, BigInt, Binary, Bool, Double, Integer, Text, Untyped};
use diesel::sqlite::Sqlite;

use super::dialect::{self, Dialect};
use super::set::Set;
use super::time::Time;

/// One value of a statement, in the place of a `?`.
#[derive(Clone, Debug, PartialEq)]
pub enum Bind {
    /// SQL's NULL
    Null,
    /// Any integer
    Int(i64),
    /// A float
    Double(f64),
    /// Text
    Text(String),
    /// JSON, as its text, for a column of that type
    Json(String),
    /// A truth value
    Bool(bool),
    /// Bytes
    Bytes(Vec<u8>),
    /// A point in time
    Time(Time),
    /// A set of integers of 32 bits, as ids are, for `IN ?`
    Ids(Set<i32>),
    /// A set of larger integers, for `IN ?`
    Ints(Set<i64>),
    /// A set of texts, for `IN ?`
    Texts(Set<String>),
}

macro_rules! bind_from {
    ($($ty:ty => |$v:ident| $bind:expr;)*) => {
        $(impl From<$ty> for Bind { fn from($v: $ty) -> Self { $bind } })*
    };
}

bind_from! {
    i16 => |v| Bind::Int(v.into());
    i32 => |v| Bind::Int(v.into());
    i64 => |v| Bind::Int(v);
    f64 => |v| Bind::Double(v);
    bool => |v| Bind::Bool(v);
    &str => |v| Bind::Text(v.to_owned());
    String => |v| Bind::Text(v);
    &String => |v| Bind::Text(v.clone());
    Vec<u8> => |v| Bind::Bytes(v);
    Time => |v| Bind::Time(v);
    Vec<i64> => |v| integers(v);
    &[i64] => |v| integers(v.to_vec());
    Vec<i32> => |v| Bind::Ids(Set(v));
    &[i32] => |v| Bind::Ids(Set(v.to_vec()));
    &Vec<i32> => |v| Bind::Ids(Set(v.clone()));
    Vec<String> => |v| Bind::Texts(Set(v));
    &[String] => |v| Bind::Texts(Set(v.to_vec()));
    &Vec<String> => |v| Bind::Texts(Set(v.clone()));
    &[&str] => |v| texts(v);
    Vec<&str> => |v| texts(&v);
    &serde_json::Value => |v| Bind::Text(v.to_string());
}

/// Ids are compared as what they are: of another width than the column, PostgreSQL would compare one by one.
fn integers(set: Vec<i64>) -> Bind {
    let ids: Result<Vec<i32>, _> = set.iter().map(|value| i32::try_from(*value)).collect();
    ids.map_or_else(|_| Bind::Ints(Set(set)), |ids| Bind::Ids(Set(ids)))
}

fn texts(set: &[&str]) -> Bind {
    Bind::Texts(Set(set.iter().map(|&text| text.to_owned()).collect()))
}

impl<T: Into<Bind>> From<Option<T>> for Bind {
    fn from(value: Option<T>) -> Self {
        value.map_or(Bind::Null, Into::into)
    }
}

/// What may stand behind a condition: nothing, one value, or a tuple of them.
pub trait Binds {
    /// The values, in order.
    fn into_binds(self) -> Vec<Bind>;
}

impl Binds for () {
    fn into_binds(self) -> Vec<Bind> {
        Vec::new()
    }
}

impl<T: Into<Bind>> Binds for T {
    fn into_binds(self) -> Vec<Bind> {
        vec![self.into()]
    }
}

/// Values that are at hand as a list.
pub struct Each(pub Vec<Bind>);

impl Binds for Each {
    fn into_binds(self) -> Vec<Bind> {
        self.0
    }
}

macro_rules! binds_tuple {
    ($($name:ident)+) => {
        impl<$($name: Into<Bind>),+> Binds for ($($name,)+) {
            #[expect(non_snake_case, reason = "the type parameters name the fields")]
            fn into_binds(self) -> Vec<Bind> {
                let ($($name,)+) = self;
                vec![$($name.into()),+]
            }
        }
    };
}

binds_tuple!(A B);
binds_tuple!(A B C);
binds_tuple!(A B C D);
binds_tuple!(A B C D E);
binds_tuple!(A B C D E F);

/// A statement: text with a `?` for every value. A `?` inside quotes is not told apart: bind such text.
#[derive(Clone, Debug, Default)]
pub struct Statement {
    /// The text
    pub sql: String,
    /// The values
    pub binds: Vec<Bind>,
    /// Whether its preparation is not worth keeping: the text is used once only, or is to be planned anew.
    pub once: bool,
    /// Whether there may be any number of rows: they are then fetched one by one, which takes longer, but they are in
    /// memory only once.
    pub one_by_one: bool,
}

impl Statement {
    /// A statement with its values.
    pub fn new(sql: impl Into<String>, binds: impl Binds) -> Self {
        Self { sql: sql.into(), binds: binds.into_binds(), ..Self::default() }
    }

    /// Text and values, appended.
    pub fn push(&mut self, sql: &str, binds: impl Binds) -> &mut Self {
        self.sql.push_str(sql);
        self.binds.extend(binds.into_binds());
        self
    }
}

impl Query for Statement {
    type SqlType = Untyped;
}

impl QueryId for Statement {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

/// Writes the text for one database; the values are pushed by type.
macro_rules! fragment {
    ($backend:ty, $dialect:expr, $ids:ty, $ints:ty, $texts:ty) => {
        impl QueryFragment<$backend> for Statement {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, $backend>) -> QueryResult<()> {
                let mut pieces = self.sql.split('?');
                if self.once {
                    out.unsafe_to_cache_prepared();
                }
                let mut piece = pieces.next().unwrap_or_default();
                for bind in &self.binds {
                    let (piece_before, before, after) = dialect::around($dialect, piece, bind);
                    out.push_sql(piece_before);
                    out.push_sql(before);
                    match bind {
                        Bind::Null => {}
                        Bind::Int(v) => out.push_bind_param::<BigInt, _>(v)?,
                        Bind::Double(v) | Bind::Time(Time(v)) => out.push_bind_param::<Double, _>(v)?,
                        Bind::Text(v) | Bind::Json(v) => out.push_bind_param::<Text, _>(v)?,
                        Bind::Ids(v) => out.push_bind_param::<$ids, _>(v)?,
                        Bind::Ints(v) => out.push_bind_param::<$ints, _>(v)?,
                        Bind::Texts(v) => out.push_bind_param::<$texts, _>(v)?,
                        Bind::Bool(v) => out.push_bind_param::<Bool, _>(v)?,
                        Bind::Bytes(v) => out.push_bind_param::<Binary, _>(v)?,
                    }
                    out.push_sql(after);
                    piece = pieces.next().ok_or_else(|| misfit(&self.sql))?;
                }
                out.push_sql(piece);
                pieces.next().map_or(Ok(()), |_| Err(misfit(&self.sql)))
            }
        }
    };
}

fragment!(Pg, Dialect::Pg, Array<Integer>, Array<BigInt>, Array<Text>);
fragment!(Sqlite, Dialect::Sqlite, Text, Text, Text);

fn misfit(sql: &str) -> diesel::result::Error {
    diesel::result::Error::QueryBuilderError(format!("the values do not fit the statement {sql}").into())
}
