//! Rpms: the files, what is in their headers and signatures; the database's rows of them; their import.

pub mod capability;
pub mod changelog;
pub mod checksums;
pub mod content;
pub mod deps;
pub mod diff;
pub mod external;
pub mod file;
pub mod file_list;
pub mod fingerprint;
pub mod header;
pub mod import;
pub mod list;
pub mod lookup;
pub mod many;
pub mod number;
pub mod sig;
pub mod sigkey;
pub mod signature;
pub mod signed;
pub mod tags;
pub mod value;

pub use file::RpmFile;
pub use lookup::{RpmRef, RpmRow};
pub use value::TagValue;
