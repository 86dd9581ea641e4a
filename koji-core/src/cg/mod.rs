//! Content generators: systems that build elsewhere and hand in what they made.

pub mod access;
pub mod reserve;
pub mod speak;
