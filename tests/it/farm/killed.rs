//! Power cuts of single programs; `cargo xtask kill` does many more, with builds.

use koji_tests::Database;
use koji_tests::kill::{Plan, Victim, run};

#[test]
fn every_task_ends_whoever_is_killed() {
    for victim in [Victim::Builder, Victim::Task, Victim::Hub] {
        let report = run(Database::Sqlite, Plan { victim, rounds: 5, seed: 3, builds: false }).unwrap();
        // what is only interrupted is done again
        assert_eq!(report.tasks, [("CLOSED", report.asked)].into(), "{victim:?}: {report:?}");
        assert!(report.asked >= 15, "{victim:?}: {report:?}");
    }
}
