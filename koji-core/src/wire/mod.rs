//! Koji's dialect of XML-RPC, and JSON beside it: what comes in becomes a [`Value`], what goes out is
//! written straight from serde. No input or output of its own.

mod value;

pub use value::{Map, Value};
