//! `conformance [--db sqlite|postgres] [--shared DIR] [--verbose] [SCENARIO..]`: replays the recorded scenarios
//! against a hub of this checkout and holds the result against what was reached before.
//!
//! `tests/conformance.txt` says how many steps of each scenario are alike. Fewer is a failure; more wants the
//! file to be raised, which `--bless` does.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::install::{self, run};
use crate::{Result, leftover, places, postgres, python, say};

/// What was reached, by scenario.
const REACHED: &str = "tests/conformance.txt";

struct Wish {
    databases: Vec<&'static str>,
    shared: Option<PathBuf>,
    verbose: bool,
    bless: bool,
    scenarios: Vec<String>,
}

impl Wish {
    fn read(arguments: &[String]) -> Result<Self> {
        let mut wish = Self {
            databases: vec!["sqlite", "postgres"],
            shared: places::shared(),
            verbose: false,
            bless: false,
            scenarios: Vec::new(),
        };
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().cloned().ok_or_else(|| format!("{word} wants a value"));
            match word.as_str() {
                "--db" => {
                    let name = value()?;
                    wish.databases.retain(|known| *known == name);
                    if wish.databases.is_empty() {
                        return Err(format!("--db {name}: it is sqlite or postgres"));
                    }
                }
                "--shared" => wish.shared = Some(PathBuf::from(value()?)),
                "--verbose" => wish.verbose = true,
                "--bless" => wish.bless = true,
                "--no-install" => {}
                option if option.starts_with('-') => return Err(format!("no option {option}")),
                scenario => wish.scenarios.push(scenario.to_owned()),
            }
        }
        Ok(wish)
    }
}

/// Runs it.
pub fn run_command(arguments: &[String]) -> Result {
    let wish = Wish::read(arguments)?;
    let Some(shared) = wish.shared.as_deref().filter(|dir| dir.join("conformance/conform.py").exists())
    else {
        say("conformance: skipped, the recorded scenarios are not here (--shared DIR or KOJI_SHARED)");
        return Ok(());
    };
    let may_install = !arguments.iter().any(|word| word == "--no-install");
    install::ensure(
        &[&install::PYTHON, &install::RPM_OF_PYTHON, &install::PSQL, &install::CURL],
        may_install,
    )?;
    run(Command::new("cargo").args(["build", "-q", "-p", "koji-hubd"]).current_dir(places::root()))?;
    let python = python::with_upstream_client(&places::target())?;
    let work = places::target().join("conformance");
    std::fs::create_dir_all(&work).map_err(|error| format!("{}: {error}", work.display()))?;
    let scenarios = find(shared, &wish.scenarios)?;
    let mut worse = Vec::new();
    for database in &wish.databases {
        let replay = Replay { database, shared, work: &work, python: &python, verbose: wish.verbose };
        let reached = replay.run(&scenarios)?;
        worse.extend(compare(database, &reached, wish.bless)?);
    }
    if worse.is_empty() {
        Ok(())
    } else {
        Err(format!("conformance is worse than before:\n{}", worse.join("\n")))
    }
}

fn find(shared: &Path, wanted: &[String]) -> Result<Vec<PathBuf>> {
    let dir = shared.join("conformance/scenarios");
    let entries = std::fs::read_dir(&dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "py"))
        .filter(|path| {
            wanted.is_empty() || wanted.iter().any(|word| name_of(path).starts_with(word.as_str()))
        })
        .collect();
    found.sort();
    if found.is_empty() { Err(format!("no scenario {}", wanted.join(" "))) } else { Ok(found) }
}

fn name_of(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// One run over scenarios, on one database.
struct Replay<'a> {
    database: &'a str,
    shared: &'a Path,
    work: &'a Path,
    python: &'a Path,
    verbose: bool,
}

impl Replay<'_> {
    /// Steps alike and steps in all, by scenario.
    fn run(&self, scenarios: &[PathBuf]) -> Result<BTreeMap<String, (u64, u64)>> {
        say(&format!("conformance on {}", self.database));
        let dir = self.work.join(self.database);
        let report = self.work.join(format!("{}.json", self.database));
        let server = match self.database {
            "postgres" => Some(postgres::start(
                &std::env::temp_dir().join(format!("koji-conform-{}", std::process::id())),
            )?),
            _ => None,
        };
        let url = match &server {
            Some(server) => server.url_of("koji"),
            None => format!("sqlite://{}/hub.db", dir.display()),
        };
        let port = postgres::free_port()?;
        let here = self.shared.join("conformance");
        let fresh = here.join("fresh-hub.sh");
        let hubd = places::target().join("debug/koji-hubd");
        let reset = format!("bash {} {} {url} {} {port}", fresh.display(), hubd.display(), dir.display());
        let mut replay = Command::new(self.python);
        replay
            .arg(here.join("conform.py"))
            .arg("replay")
            .args(["--hub", &format!("http://127.0.0.1:{port}/kojihub")]);
        replay.args(["--reset", &reset]).arg("--report").arg(&report).args(scenarios);
        if self.verbose {
            replay.arg("--verbose");
        }
        // Its exit code tells of any difference; what counts is the report.
        let ran = replay.status().map_err(|error| format!("conform.py: {error}"));
        let stopped = run(Command::new("bash").arg(&fresh).arg("--stop").arg(&dir));
        // The script knows the process of a shell, not of the hub within it.
        leftover::stop_hubs(&dir);
        ran.and(stopped)?;
        read_report(&report)
    }
}

fn read_report(path: &Path) -> Result<BTreeMap<String, (u64, u64)>> {
    let wrong = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
    let report: serde_json::Value = serde_json::from_str(&text).map_err(|error| wrong(&error))?;
    let scenarios = report["scenarios"].as_object().ok_or_else(|| wrong(&"no scenarios"))?;
    let count = |value: &serde_json::Value| value.as_u64().unwrap_or_default();
    Ok(scenarios
        .iter()
        .map(|(name, score)| {
            (name.clone(), (count(&score["passed"]), count(&score["passed"]) + count(&score["failed"])))
        })
        .collect())
}

/// Holds the result against the file; what is worse, one line each.
fn compare(database: &str, reached: &BTreeMap<String, (u64, u64)>, bless: bool) -> Result<Vec<String>> {
    let path = places::root().join(REACHED);
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let mut before: BTreeMap<String, u64> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.rsplit_once(' '))
        .filter_map(|(key, count)| Some((key.trim().to_owned(), count.parse().ok()?)))
        .collect();
    let mut worse = Vec::new();
    for (scenario, (alike, all)) in reached {
        let key = format!("{database} {scenario}");
        let least = before.get(&key).copied().unwrap_or_default();
        if *alike < least {
            worse.push(format!("  {key}: {alike} of {all} steps alike, {least} before"));
        } else if bless {
            before.insert(key, *alike);
        }
    }
    if bless {
        let lines: String = before.iter().map(|(key, count)| format!("{key} {count}\n")).collect();
        let text = format!(
            "# Steps of the recorded scenarios that are alike; `cargo xtask conformance --bless` raises it.\n{lines}"
        );
        std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let (alike, all) = reached.values().fold((0, 0), |sum, score| (sum.0 + score.0, sum.1 + score.1));
    say(&format!("conformance on {database}: {alike} of {all} steps alike"));
    Ok(worse)
}
