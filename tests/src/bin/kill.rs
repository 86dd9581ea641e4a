//! `kill [--rounds N] [--seed S] [--db sqlite|postgres] [--builds yes|no] [--victim builder|task|hub]`: kills builder,
//! tasks and hub so often each, or one of them.
#![expect(clippy::print_stdout, reason = "it tells what it does")]

use std::process::ExitCode;
use std::time::Instant;

use koji_tests::Database;
use koji_tests::kill::{self, Plan, Victim};

struct Wish {
    rounds: usize,
    seed: u64,
    database: Database,
    builds: bool,
    victims: Vec<Victim>,
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
    let victims = vec![Victim::Builder, Victim::Task, Victim::Hub];
    let mut wish = Wish { rounds: 200, seed: 1, database: Database::Sqlite, builds: true, victims };
    while let Some(word) = words.next() {
        let value = words.next().ok_or_else(|| format!("{word} wants a value"))?;
        let number = || value.parse::<u64>().map_err(|error| format!("{word} {value}: {error}"));
        match (word.as_str(), value.as_str()) {
            ("--rounds", _) => wish.rounds = number()? as usize,
            ("--seed", _) => wish.seed = number()?,
            ("--db", "sqlite") => wish.database = Database::Sqlite,
            ("--db", "postgres") => wish.database = Database::Postgres,
            ("--builds", "yes") => wish.builds = true,
            ("--builds", "no") => wish.builds = false,
            ("--victim", "builder") => wish.victims = vec![Victim::Builder],
            ("--victim", "task") => wish.victims = vec![Victim::Task],
            ("--victim", "hub") => wish.victims = vec![Victim::Hub],
            _ => return Err(format!("no option {word} {value}")),
        }
    }
    Ok(wish)
}

fn run(wish: &Wish) -> Result<(), String> {
    for victim in wish.victims.iter().copied() {
        let begun = Instant::now();
        let plan = Plan { victim, rounds: wish.rounds, seed: wish.seed, builds: wish.builds };
        let report = kill::run(wish.database, plan)?;
        println!(
            "{:?}: the {victim:?} killed {} times in {:.0} s (nobody was there {} times): {:?}, {} whole builds",
            wish.database,
            wish.rounds,
            begun.elapsed().as_secs_f64(),
            report.missed,
            report.tasks,
            report.builds
        );
    }
    Ok(())
}
