//! Many builders and much work.

mod killed;
mod schedule;
