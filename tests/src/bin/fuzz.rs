//! `fuzz [--requests N] [--seed S] [--db sqlite|postgres]`: fuzzes hubs, each with a database of its own.
//!
//! PostgreSQL needs a server in `KOJI_TEST_POSTGRES`. It ends at the first answer that may not be, and tells how much
//! memory the hubs took.
#![expect(clippy::print_stdout, reason = "it tells what it does")]

use std::process::ExitCode;

use koji_tests::fuzz::{self, Kinds};
use koji_tests::{Database, TestHub};

/// Requests that one hub gets; then the next begins with an empty database.
const PER_HUB: usize = 25_000;
/// Hubs at once.
const HUBS: usize = 4;
/// How much more memory a hub may have at its end than after a tenth of its requests, in MiB.
const GROWTH_MIB: u64 = 128;

struct Wish {
    requests: usize,
    seed: u64,
    databases: Vec<Database>,
}

fn main() -> ExitCode {
    let outcome = read(std::env::args().skip(1)).and_then(|wish| run(&wish));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            println!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn read(mut words: impl Iterator<Item = String>) -> Result<Wish, String> {
    let mut wish =
        Wish { requests: 1_000_000, seed: 1, databases: vec![Database::Sqlite, Database::Postgres] };
    while let Some(word) = words.next() {
        let value = words.next().ok_or_else(|| format!("{word} wants a value"))?;
        let number = || value.parse::<u64>().map_err(|error| format!("{word} {value}: {error}"));
        match word.as_str() {
            "--requests" => wish.requests = usize::try_from(number()?).map_err(|error| error.to_string())?,
            "--seed" => wish.seed = number()?,
            "--db" => match value.as_str() {
                "sqlite" => wish.databases = vec![Database::Sqlite],
                "postgres" => wish.databases = vec![Database::Postgres],
                other => return Err(format!("--db {other}: it is sqlite or postgres")),
            },
            other => return Err(format!("no option {other}")),
        }
    }
    Ok(wish)
}

fn run(wish: &Wish) -> Result<(), String> {
    let each = wish.requests.div_ceil(wish.databases.len());
    for database in &wish.databases {
        let (mut left, mut seed) = (each, wish.seed);
        let mut kinds = Kinds::new();
        while left > 0 {
            let some = left.min(PER_HUB * HUBS);
            add(&mut kinds, some_hubs(*database, seed, some)?);
            (left, seed) = (left - some, seed + HUBS as u64);
            println!("{database:?}: {} of {each} requests, {kinds:?}", each - left);
        }
    }
    Ok(())
}

/// Fuzzes hubs at once, each with a share of the requests and a seed of its own.
fn some_hubs(database: Database, seed: u64, requests: usize) -> Result<Kinds, String> {
    let share = requests.div_ceil(HUBS);
    let outcomes: Vec<Result<Kinds, String>> = std::thread::scope(|scope| {
        let start = |number| scope.spawn(move || share_of(database, seed + number, share));
        let running: Vec<_> = (0..HUBS as u64).map(start).collect();
        running
            .into_iter()
            .map(|hub| hub.join().unwrap_or_else(|_| Err("a thread broke".to_owned())))
            .collect()
    });
    let mut kinds = Kinds::new();
    for outcome in outcomes {
        add(&mut kinds, outcome?);
    }
    Ok(kinds)
}

/// A share of the requests: a hub that has locked its host out is followed by another.
fn share_of(database: Database, seed: u64, requests: usize) -> Result<Kinds, String> {
    let (mut kinds, mut left, mut round) = (Kinds::new(), requests, 0);
    while left > 0 {
        let sent = one_hub(database, seed.wrapping_add(round << 32), left)?;
        let count: usize = sent.values().sum();
        if count == 0 {
            return Err(format!("seed {seed}, hub {round}: no request was answered"));
        }
        (left, round) = (left.saturating_sub(count), round + 1);
        add(&mut kinds, sent);
    }
    Ok(kinds)
}

/// Fuzzes one hub; its memory must not grow with the requests.
fn one_hub(database: Database, seed: u64, requests: usize) -> Result<Kinds, String> {
    let hub = TestHub::start(database);
    fuzz::furnish(&hub);
    let warm = requests.div_ceil(10);
    let mut kinds = fuzz::run(&hub, seed ^ 0xffff_0000, warm)?;
    let before = hub.memory_kib();
    add(&mut kinds, fuzz::run(&hub, seed, requests - warm)?);
    let after = hub.memory_kib();
    let count: usize = kinds.values().sum();
    println!(
        "{database:?}, seed {seed}: {count} requests, memory {} MiB, then {} MiB",
        before >> 10,
        after >> 10
    );
    if after > before + (GROWTH_MIB << 10) {
        return Err(format!("the hub's memory grew from {before} to {after} KiB"));
    }
    Ok(kinds)
}

fn add(all: &mut Kinds, more: Kinds) {
    for (kind, count) in more {
        *all.entry(kind).or_default() += count;
    }
}
