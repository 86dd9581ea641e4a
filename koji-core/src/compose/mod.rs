//! Making package repositories: the metadata of rpm files and the groups of packages.

pub mod choose;
pub mod comps;
pub mod dist_repo;
pub mod external;
pub mod fragment;
pub mod fragment_cache;
pub mod koji_repo;
pub mod merge;
pub mod multilib;
pub mod offer;
pub mod repodata;
pub mod repomd;
mod stream;
pub mod writer;
pub(crate) mod xml;
