//! Packages, and the lists of packages that tags have.
//!
//! A tag shows only builds of packages in its list. The list is inherited: the nearest entry decides, blocked
//! or not. Refuses to check names: only builds do that.

pub mod copy;
pub mod create;
pub mod edit;
pub mod listing;
pub mod lookup;
pub mod visible;
