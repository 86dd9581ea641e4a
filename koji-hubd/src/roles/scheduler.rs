//! The scheduler's thread: looks when something has changed, and now and then anyway.
