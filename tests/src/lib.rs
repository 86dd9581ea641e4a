//! The harness that integration tests share.
