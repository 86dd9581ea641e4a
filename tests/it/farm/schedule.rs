//! The schedules of small rebuilds, without a hub.

use koji_tests::farm::{Choice, Farm, run};

#[test]
fn the_same_seed_gives_the_same_schedule() {
    let farm = |seed| Farm::new(seed, 20, 150);
    let schedule = run(&farm(1), Choice::Scheduler);
    assert_eq!(schedule, run(&farm(1), Choice::Scheduler));
    assert_ne!(schedule, run(&farm(2), Choice::Scheduler));
}

#[test]
fn everything_is_built_once_and_sooner_than_first_come_first_served() {
    let (mut makespans_h, mut others_min) = ([0.0; 2], [0.0; 2]);
    for seed in 1..=6 {
        let farm = Farm::new(seed, 20, 200);
        let tasks: usize = farm.packages.iter().map(|package| 1 + package.parts.len()).sum();
        for (place, choice) in [Choice::Scheduler, Choice::FirstCome].into_iter().enumerate() {
            let schedule = run(&farm, choice);
            let mut done: Vec<i64> = schedule.done.iter().map(|done| done.task).collect();
            done.sort_unstable();
            done.dedup();
            assert_eq!((schedule.done.len(), done.len()), (tasks, tasks), "{choice:?} of seed {seed}");
            makespans_h[place] += schedule.makespan_h();
            others_min[place] += schedule.others_median_min();
        }
    }
    // a single small farm may have its luck with either
    assert!(makespans_h[0] < makespans_h[1], "{makespans_h:?}");
    assert!(others_min[0] < others_min[1] / 2.0, "{others_min:?}");
}
