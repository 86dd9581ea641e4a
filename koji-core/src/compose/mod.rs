//! Making package repositories: the metadata of rpm files and the groups of packages.

pub mod comps;
pub mod external;
pub mod fragment;
pub mod merge;
pub mod repodata;
pub mod repomd;
mod stream;
pub mod writer;
mod xml;
