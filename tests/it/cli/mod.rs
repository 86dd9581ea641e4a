//! The koji command against a hub.

mod by_hand;
mod what_if;
