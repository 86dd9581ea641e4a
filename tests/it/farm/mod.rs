//! Many builders and much work.

mod schedule;
