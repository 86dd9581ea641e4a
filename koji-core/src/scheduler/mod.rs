//! Who gets which task: [`pick`] decides, [`tick`] loads what is to be decided on and applies it.

pub mod assign;
pub mod estimate;
pub mod fair;
pub mod forecast;
mod learned;
mod load;
pub mod log;
pub mod parts;
pub mod pick;
pub mod refusal;
pub mod scene;
pub(crate) mod tag_arches;
pub mod tick;
mod timeouts;
pub mod view;
mod waiting;
pub mod why;
