//! Builds: their entries, states and files.

pub mod btype;
pub mod cancel;
pub mod change;
pub mod complete;
pub mod create;
pub mod delete;
pub mod duration;
pub mod edit;
pub mod files;
pub mod hooks;
pub mod list;
pub mod logs;
pub mod lookup;
pub mod many;
pub mod merge_scratch;
pub mod next_release;
pub mod outcome;
pub mod promote;
pub mod promoted;
pub mod references;
pub mod row;
pub mod scratch;
pub mod scratch_typed;
pub mod state;
pub mod typed;
pub mod typed_end;
pub mod untagged;

pub use lookup::BuildRef;
pub use row::BuildRow;
