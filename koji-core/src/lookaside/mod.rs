//! Lookaside caches: where the large files lie that a package's sources need and version control does not hold.
//!
//! [`sources`] reads which files a package needs, [`place`] says where each lies, [`store`] keeps them. A file that
//! is kept never changes: its checksum is part of its path.

pub mod place;
pub mod sources;
pub mod store;

pub use place::Place;
pub use sources::Source;
pub use store::Store;
