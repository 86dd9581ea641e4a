//! The koji-hubd binary.

fn main() {}
