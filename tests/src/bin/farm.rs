//! `farm [--builders N] [--packages N] [--seed S] [--db sqlite|postgres|none] [--speedup X] [--poll SECONDS]
//! [--for SECONDS]`: a mass rebuild on a simulated farm, first as a schedule only, then with a real hub and builders
//! that poll it; to the end, or for so long.
#![expect(clippy::print_stdout, reason = "it tells what it does")]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use koji_tests::Database;
use koji_tests::farm::{self, Choice, Farm, Live};

/// What a hub must keep: of a hundred free places, 99 have their task within this time.
const GOAL_MS: f64 = 100.0;
/// A rebuild that is not done by then won't be.
const LONGEST_S: f64 = 3600.0;

struct Wish {
    builders: usize,
    packages: usize,
    seed: u64,
    databases: Vec<Database>,
    speedup: f64,
    poll_s: f64,
    /// When a rebuild is left as it is
    for_s: Option<f64>,
}

fn main() -> ExitCode {
    match read(std::env::args().skip(1)).and_then(|wish| run(&wish)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            println!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn read(mut words: impl Iterator<Item = String>) -> Result<Wish, String> {
    let databases = vec![Database::Sqlite, Database::Postgres];
    let mut wish =
        Wish { builders: 200, packages: 5000, seed: 1, databases, speedup: 10.0, poll_s: 5.0, for_s: None };
    while let Some(word) = words.next() {
        let value = words.next().ok_or_else(|| format!("{word} wants a value"))?;
        let wrong = |error: &dyn std::fmt::Display| format!("{word} {value}: {error}");
        let number = || value.parse::<u64>().map_err(|error| wrong(&error));
        let decimal = || value.parse::<f64>().map_err(|error| wrong(&error));
        match word.as_str() {
            "--builders" => wish.builders = number()? as usize,
            "--packages" => wish.packages = number()? as usize,
            "--seed" => wish.seed = number()?,
            "--speedup" => wish.speedup = decimal()?,
            "--poll" => wish.poll_s = decimal()?,
            "--for" => wish.for_s = Some(decimal()?),
            "--db" => match value.as_str() {
                "sqlite" => wish.databases = vec![Database::Sqlite],
                "postgres" => wish.databases = vec![Database::Postgres],
                "none" => wish.databases = vec![],
                other => return Err(format!("--db {other}: it is sqlite, postgres or none")),
            },
            other => return Err(format!("no option {other}")),
        }
    }
    Ok(wish)
}

fn run(wish: &Wish) -> Result<(), String> {
    let farm = Farm::new(wish.seed, wish.builders, wish.packages);
    let tasks: usize = farm.packages.iter().map(|package| 1 + package.parts.len()).sum();
    println!(
        "{} builders, {} packages, {tasks} tasks, seed {}",
        wish.builders,
        farm.packages.len(),
        wish.seed
    );
    for choice in [Choice::FirstCome, Choice::Scheduler] {
        let begun = Instant::now();
        let schedule = farm::run(&farm, choice);
        println!(
            "{choice:?}: all is built after {:.2} h, other users' builds take {:.1} min (median); {} tasks, decided in {:.1} s",
            schedule.makespan_h(),
            schedule.others_median_min(),
            schedule.done.len(),
            begun.elapsed().as_secs_f64()
        );
    }
    wish.databases.iter().try_for_each(|database| live(&farm, *database, wish))
}

fn live(farm: &Farm, database: Database, wish: &Wish) -> Result<(), String> {
    let limit = Duration::from_secs_f64(wish.for_s.unwrap_or(LONGEST_S));
    let outcome = farm::run_live(farm, Live { database, speedup: wish.speedup, poll_s: wish.poll_s, limit });
    let latency = outcome.latency;
    let took_s = outcome.took.as_secs_f64();
    let calls = outcome.calls.all();
    println!(
        "{database:?}: {} tasks in {took_s:.0} s, {:.0} calls a second, which take {:.1} ms (median), {:.1} ms (99 of 100)",
        outcome.tasks,
        calls.count as f64 / took_s,
        calls.p50_ms,
        calls.p99_ms
    );
    for (method, took) in outcome.calls.by_method() {
        println!(
            "{database:?}: {method}: {} calls, {:.1} ms (median), {:.1} ms (99 of 100), {:.0} s together",
            took.count, took.p50_ms, took.p99_ms, took.sum_s
        );
    }
    println!(
        "{database:?}: free place to task: {:.1} ms (median), {:.1} ms (99 of 100), {:.1} ms (the longest of {})",
        latency.p50_ms, latency.p99_ms, latency.max_ms, latency.count
    );
    match () {
        () if outcome.left > 0 && wish.for_s.is_none() => Err(format!("{} tasks are not done", outcome.left)),
        () if latency.p99_ms > GOAL_MS => {
            Err(format!("{:.1} ms are more than the {GOAL_MS} that are the goal", latency.p99_ms))
        }
        () => Ok(()),
    }
}
