//! Koji's dialect of XML-RPC, and JSON beside it: what comes in becomes a [`Value`], what goes out is
//! written straight from serde. No input or output of its own.

mod de;
pub mod json;
mod kwargs;
mod plain_read;
#[cfg(test)]
mod property_tests;
mod python;
pub mod python_json;
pub mod python_text;
mod scan;
mod ser_text;
mod ser_value;
mod serde_error;
mod special;
mod text;
mod value;
mod value_serde;
mod xml_read;
mod xml_ser;
mod xml_write;

pub use de::from_value;
pub use kwargs::{STARSTAR, decode_args, encode_args};
pub use ser_value::to_value;
pub use special::{Bytes, DateTime};
pub use value::{Map, Value};
pub use xml_read::{Call, parse_call, parse_response};
pub use xml_write::{
    fault_text, request_text, result_text, write_call, write_fault, write_params, write_response,
};

/// How deep a value may nest, from outside and in what we store. serde_json has the same bound.
pub const MAX_DEPTH: usize = 127;

/// How many values one call may hold: far above the largest import, far below what fills a memory.
pub const MAX_CALL_ITEMS: usize = 4_000_000;
