//! Tasks under whatever hosts, admins, the scheduler and power cuts do, in any order: no task is lost, none is done
//! twice, and a state follows another only as the table says.

mod at_once;
mod farm;
mod model;
mod round;

use std::time::{Duration, Instant, SystemTime};

use koji_tests::each_database;
use koji_tests::fuzz::Random;

use farm::Farm;

/// How long each database is tried.
const TIME: Duration = Duration::from_secs(7);

/// `KOJI_SEED`, for a round that failed before.
fn wanted_seed() -> Option<u64> {
    std::env::var("KOJI_SEED").ok().map(|text| text.parse().unwrap())
}

#[test]
fn any_order_of_calls_keeps_to_the_model() {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let first = wanted_seed().unwrap_or(now.as_secs() << 16);
    each_database(|database| {
        let mut farm = Farm::new(database);
        let begun = Instant::now();
        let mut rounds = 0;
        while rounds == 0 || begun.elapsed() < TIME && wanted_seed().is_none() {
            let seed = first + rounds;
            if let Err(wrong) = round::run(&mut farm, &mut Random::new(seed)) {
                panic!("KOJI_SEED={seed} on {database:?}: {wrong}");
            }
            rounds += 1;
        }
        println!("{database:?}: {rounds} rounds from KOJI_SEED={first}");
    });
}

#[test]
fn hosts_that_race_get_a_task_once() {
    each_database(|database| at_once::run(&Farm::new(database)));
}

#[test]
fn nobody_locks_parts_in_an_order_of_his_own() {
    each_database(|database| at_once::with_parts(&Farm::new(database)));
}
