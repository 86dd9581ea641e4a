//! What the status of mock means.

use std::process::ExitStatus;

use super::PROGRAM;
use crate::builder::process;

/// The status of a package that could not be built.
const BUILD_FAILED: i32 = 10;
/// The status of a command that failed, or of mock's own failure.
const FAILED: i32 = 1;

/// How mock ended, and which log tells why.
pub(super) fn explain(status: ExitStatus) -> String {
    with_log(status, log_of(status.code()))
}

/// The same when nothing was built.
pub(super) fn explain_root(status: ExitStatus) -> String {
    with_log(status, "root.log")
}

fn with_log(status: ExitStatus, log: &str) -> String {
    format!("{}; see {log} for more information", process::status_text(PROGRAM, status))
}

fn log_of(code: Option<i32>) -> &'static str {
    match code {
        Some(BUILD_FAILED) => "build.log",
        Some(FAILED) => "build.log or root.log",
        _ => "root.log",
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;

    use super::*;

    #[test]
    fn each_status_has_its_log() {
        let told = |code: i32| explain(ExitStatus::from_raw(code << 8));
        assert_eq!(told(10), "mock exited with status 10; see build.log for more information");
        assert_eq!(told(1), "mock exited with status 1; see build.log or root.log for more information");
        assert_eq!(told(30), "mock exited with status 30; see root.log for more information");
        assert!(explain(ExitStatus::from_raw(9)).contains("killed by signal 9; see root.log"));
    }
}
