//! `tidy`: the invariants of docs/ARCHITECTURE.md that can be checked mechanically.

mod functions;
mod places_of;
mod size;
mod words;

use std::path::{Path, PathBuf};

use crate::{Result, places, say};

/// A source file of the checkout.
pub(crate) struct Source {
    /// Its path from the top
    pub path: String,
    /// Its text
    pub text: String,
}

/// Checks every source file; all complaints are told at once.
pub fn run(arguments: &[String]) -> Result {
    if let Some(unknown) = arguments.first() {
        return Err(format!("no option {unknown}"));
    }
    let sources = sources()?;
    let mut complaints = Vec::new();
    complaints.extend(size::check(&sources)?);
    complaints.extend(functions::check(&sources));
    complaints.extend(places_of::check(&sources));
    complaints.extend(words::check(&sources));
    if complaints.is_empty() {
        say(&format!("{} files are tidy", sources.len()));
        return Ok(());
    }
    Err(format!("\n  {}", complaints.join("\n  ")))
}

fn sources() -> Result<Vec<Source>> {
    let root = places::root();
    let mut found = Vec::new();
    for dir in ["koji-core", "koji-hubd", "koji-cli", "koji-py", "tests", "xtask"] {
        walk(&root.join(dir), &mut found)?;
    }
    found.sort();
    found
        .iter()
        .map(|path| {
            let text =
                std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
            let path = path.strip_prefix(&root).unwrap_or(path).to_string_lossy().into_owned();
            Ok(Source { path, text })
        })
        .collect()
}

fn walk(dir: &Path, found: &mut Vec<PathBuf>) -> Result {
    let entries = std::fs::read_dir(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "target" && !name.starts_with('.') {
                walk(&path, found)?;
            }
        } else if name.ends_with(".rs") {
            found.push(path);
        }
    }
    Ok(())
}
