//! Writes the table definitions and the SQL of both databases from the recorded description of a Koji database.
//!
//! Owns what is generated and where it goes. `--check` writes nothing and fails when a file is not what would be
//! written, so a change by hand or a forgotten run is seen.

mod model;
mod portable;
mod postgres;
mod rust;
mod sqlite;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::{Result, say};
use model::Schema;

/// The directory that holds generated files only.
const TABLES_DIR: &str = "koji-core/schema/src/tables";

/// `codegen [--check] [--schema FILE]`; without a file it is looked for below `KOJI_SHARED`, else below `../shared`.
pub fn run(arguments: &[String]) -> Result {
    let mut check = false;
    let mut schema = None;
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--check" => check = true,
            "--schema" => schema = Some(PathBuf::from(rest.next().ok_or("--schema wants a file")?)),
            other => {
                return Err(format!("codegen knows no argument '{other}', only --check and --schema FILE"));
            }
        }
    }
    let root = root();
    let files = generate(&schema.unwrap_or_else(|| default_schema(&root)))?;
    if check { verify(&root, &files) } else { write(&root, &files) }
}

/// The top of the checkout.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn default_schema(root: &Path) -> PathBuf {
    let shared = std::env::var_os("KOJI_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
    shared.join("reference/db-schema.json")
}

/// Every generated file, by its path below the top of the checkout.
type Files = BTreeMap<PathBuf, String>;

fn generate(description: &Path) -> Result<Files> {
    let schema = Schema::read(description)?;
    let mut files = Files::new();
    for (name, text) in rust::files(&schema)? {
        files.insert(Path::new(TABLES_DIR).join(name), text);
    }
    for (backend, up, down) in [
        ("postgres", postgres::up(&schema)?, postgres::down(&schema)),
        ("sqlite", sqlite::up(&schema)?, sqlite::down(&schema)),
    ] {
        let directory = Path::new("koji-core/migrations").join(backend).join("00000000000001_koji");
        files.insert(directory.join("up.sql"), up);
        files.insert(directory.join("down.sql"), down);
    }
    Ok(files)
}

fn write(root: &Path, files: &Files) -> Result {
    for path in leftover(root, files)? {
        std::fs::remove_file(root.join(&path)).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    for (path, text) in files {
        let target = root.join(path);
        let directory = target.parent().unwrap_or(root);
        std::fs::create_dir_all(directory).map_err(|error| format!("{}: {error}", directory.display()))?;
        std::fs::write(&target, text).map_err(|error| format!("{}: {error}", target.display()))?;
    }
    say(&format!("wrote {} files", files.len()));
    Ok(())
}

fn verify(root: &Path, files: &Files) -> Result {
    let stale = stale(root, files)?;
    if stale.is_empty() {
        say(&format!("{} generated files are up to date", files.len()));
        return Ok(());
    }
    let names: Vec<String> = stale.iter().map(|path| path.display().to_string()).collect();
    Err(format!("stale: {}; run 'cargo xtask codegen'", names.join(", ")))
}

/// What differs from what would be written, is missing, or should be gone.
fn stale(root: &Path, files: &Files) -> Result<Vec<PathBuf>> {
    let mut stale: Vec<PathBuf> = files
        .iter()
        .filter(|(path, text)| std::fs::read_to_string(root.join(path)).ok().as_ref() != Some(*text))
        .map(|(path, _)| path.clone())
        .collect();
    stale.extend(leftover(root, files)?);
    Ok(stale)
}

/// Files in the generated directory that nothing generates any more.
fn leftover(root: &Path, files: &Files) -> Result<Vec<PathBuf>> {
    let directory = root.join(TABLES_DIR);
    if !directory.exists() {
        return Ok(Vec::new());
    }
    let entries =
        std::fs::read_dir(&directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    let paths =
        entries.filter_map(|entry| entry.ok().map(|entry| Path::new(TABLES_DIR).join(entry.file_name())));
    Ok(paths.filter(|path| !files.contains_key(path)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checked_in_files_are_up_to_date() {
        let description = default_schema(&root());
        if !description.exists() {
            println!("skipped: no {}; set KOJI_SHARED", description.display());
            return;
        }
        assert_eq!(verify(&root(), &generate(&description).unwrap()), Ok(()));
    }

    #[test]
    fn a_changed_a_missing_and_a_leftover_file_are_stale() {
        let root = std::env::temp_dir().join(format!("koji-codegen-{}", std::process::id()));
        let path = |name: &str| Path::new(TABLES_DIR).join(name);
        let files = Files::from([(path("a.rs"), "a".to_owned()), (path("b.rs"), "b".to_owned())]);
        write(&root, &files).unwrap();
        assert_eq!(verify(&root, &files), Ok(()));
        std::fs::write(root.join(path("a.rs")), "edited").unwrap();
        std::fs::remove_file(root.join(path("b.rs"))).unwrap();
        std::fs::write(root.join(path("c.rs")), "c").unwrap();
        assert_eq!(stale(&root, &files).unwrap(), [path("a.rs"), path("b.rs"), path("c.rs")]);
        assert!(verify(&root, &files).is_err());
        write(&root, &files).unwrap();
        assert_eq!(verify(&root, &files), Ok(()));
        std::fs::remove_dir_all(&root).unwrap();
    }
}
