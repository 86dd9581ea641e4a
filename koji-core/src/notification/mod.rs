//! Mails about builds: who wants them, who does not, and the tasks that send them.

pub mod block;
pub mod recipients;
pub mod send;
pub mod subscription;
