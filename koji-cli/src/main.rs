//! The koji command.

fn main() {}
