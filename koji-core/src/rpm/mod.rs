//! Rpm files: their headers, their signatures, and what the hub tells of them.

pub mod changelog;
pub mod deps;
pub mod file;
pub mod file_list;
pub mod header;
pub mod number;
pub mod sig;
pub mod tags;
pub mod value;

pub use file::RpmFile;
pub use value::TagValue;
