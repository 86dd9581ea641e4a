//! Who gets which task: [`pick`] decides, [`tick`] loads what is to be decided on and applies it.

pub mod assign;
mod load;
pub mod log;
pub mod pick;
pub mod refusal;
pub(crate) mod tag_arches;
pub mod tick;
mod timeouts;
pub mod view;
