//! Builds.

pub mod btype;
pub mod cancel;
pub mod create;
pub mod files;
pub mod hooks;
pub mod lookup;
pub mod row;
pub mod state;

pub use lookup::BuildRef;
pub use row::BuildRow;
