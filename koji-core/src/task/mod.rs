//! Tasks: what the hub has builders do.

pub mod about;
pub mod ask;
pub mod cancel;
pub mod change;
pub mod family;
pub mod kinds;
pub mod list;
pub mod make;
pub mod options;
pub mod output;
pub mod owner;
mod place;
pub mod priority;
pub mod resubmit;
pub mod result;
pub mod row;
pub mod standing;
pub mod state;
pub mod stored;
pub mod tree;
pub mod wait;
pub mod work;

pub use make::{NewTask, make};
pub use row::{Requests, TaskInfo, TaskRow};
