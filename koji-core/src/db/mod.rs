//! The database: connections to SQLite or PostgreSQL, statements written once for both, typed rows.
//!
//! Statements are SQL text with `?` for every value. They differ between the two databases only in what
//! [`dialect`] says. Rows are read by position into structs that declare their columns with [`row!`].
//! Refuses: rules of any noun.

pub mod bind;
pub mod cells;
pub mod conn;
pub mod dialect;
mod file_id;
mod fit;
mod functions;
pub mod known;
pub mod lookup;
pub mod migrate;
pub mod notes;
pub mod opts;
pub mod pool;
pub mod query;
pub mod record;
pub mod row;
pub mod set;
pub mod shared;
pub mod time;
pub mod versioned;
pub mod view;
pub mod write;

pub use bind::{Bind, Binds};
pub use conn::Conn;
pub use dialect::Dialect;
pub use known::{Known, Unknown};
pub use lookup::Lookup;
pub use opts::{QueryOpts, Rows};
pub use pool::Db;
pub use query::Query;
pub use row::Row;
pub use shared::Shared;
pub use time::Time;
pub use write::{Delete, Insert, Update};
