//! The kojid binary.

fn main() {}
