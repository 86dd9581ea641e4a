//! Buildroots: where builders build.

pub mod state;
