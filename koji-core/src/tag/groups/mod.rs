//! Package groups of tags, which become the groups of a repository's comps file.
//!
//! A group has packages and requires other groups. All three kinds of entries are versioned and inherited: the
//! nearest one decides, and it may block. Package names are not checked, nor whether there is such a package.

pub mod add;
pub mod lookup;
pub mod many;
pub mod read;
pub mod remove;
pub mod rows;
