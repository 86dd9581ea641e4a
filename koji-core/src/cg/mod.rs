//! Content generators: systems that build elsewhere and hand in what they made.

pub mod access;
mod components;
mod entry;
pub mod import;
mod leftover;
mod loose;
pub mod metadata;
mod outputs;
pub mod reserve;
pub mod speak;
