//! Builds.

pub mod untagged;
pub mod typed;
pub mod references;
pub mod next_release;
pub mod logs;
pub mod edit;
pub mod duration;
pub mod delete;
pub mod change;
pub mod cancel;
pub mod btype;
pub mod cancel;
pub mod btype;
pub mod create;
pub mod files;
pub mod hooks;
pub mod lookup;
pub mod row;
pub mod state;

pub use lookup::BuildRef;
pub use row::BuildRow;
