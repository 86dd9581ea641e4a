//! Integration tests, by adapter and noun.

mod api;
