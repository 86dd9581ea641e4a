//! The tables of a Koji database.
