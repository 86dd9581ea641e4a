//! The koji command against a hub.

mod what_if;
