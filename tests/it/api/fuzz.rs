//! A little of what `cargo xtask fuzz` does at length.

use koji_tests::{TestHub, each_database, fuzz};

#[test]
fn nonsense_is_answered() {
    each_database(|database| {
        let hub = TestHub::start(database);
        fuzz::furnish(&hub);
        let kinds = fuzz::run(&hub, 7, 2_000).unwrap();
        for kind in ["answer", "status 400", "fault 1", "fault 1000", "fault 1019"] {
            assert!(kinds.get(kind).is_some_and(|count| *count > 10), "{kind}: {kinds:?}");
        }
    });
}
