//! The client's library against servers.

mod download;
