//! What a task that makes a repository for distribution tells of missing files and signatures.

use std::fs;
use std::path::PathBuf;

use koji_core::{Error, Result};

use super::dist_rpm::Choice;
use super::run::Run;

/// What is not as it should be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Problem<'a> {
    /// The keys that were asked for.
    pub keys: &'a [String],
    /// Files that are not there.
    pub missing: &'a [PathBuf],
    /// Rpms that none of the keys signed.
    pub unsigned: &'a [&'a Choice],
    /// Whether these are left out.
    pub skip: bool,
}

/// Uploads a log for each kind of problem that there is; missing files are told alone.
pub(super) fn report(run: &mut Run, problem: &Problem<'_>) -> Result<()> {
    if !problem.missing.is_empty() {
        return upload(run, "missing_files.log", &files_text(problem.missing));
    }
    if !problem.unsigned.is_empty() {
        return upload(run, "missing_signatures.log", &signatures_text(problem)?);
    }
    Ok(())
}

/// A line about a signed copy that the hub was to write.
pub(super) fn written(rpm: i64, key: &str, error: Option<&Error>) -> String {
    match error {
        None => format!("Signed RPM {rpm} is written with {key} key.\n"),
        Some(error) => format!("FAILED: Signed RPM {rpm} is not written with {key} key, error: {error}\n"),
    }
}

/// Uploads a text as a log of the task.
pub(super) fn upload(run: &mut Run, name: &str, text: &str) -> Result<()> {
    let path = run.workdir().join(name);
    fs::write(&path, text).map_err(|error| Error::io(&path, error))?;
    run.upload(&path).map(drop)
}

fn files_text(missing: &[PathBuf]) -> String {
    let mut lines: Vec<String> = missing.iter().map(|path| format!("{}\n", path.display())).collect();
    lines.sort_unstable();
    let lines: String = lines.concat();
    format!(
        "These rpms are not on disk. Probably their signed copies were never written.\n\nMissing files:\n{lines}"
    )
}

fn signatures_text(problem: &Problem<'_>) -> Result<String> {
    let mut lines = vec![];
    for choice in problem.unsigned {
        lines.push(format!("{}: {:?}\n", choice.nvra()?, choice.available));
    }
    lines.sort_unstable();
    let note = if problem.skip { "They are left out, as skip_missing_signatures asks.\n" } else { "" };
    Ok(format!(
        "None of the requested keys signed some rpms.\n{note}Requested keys: {:?}\n\n# RPM name: available keys\n{}",
        problem.keys,
        lines.concat()
    ))
}

#[cfg(test)]
mod tests {
    use koji_core::wire::Value;

    use super::*;

    #[test]
    fn unsigned_rpms_are_listed_with_their_keys() {
        let rpm = map! { "name" => "foo", "version" => "1", "release" => "2", "arch" => "noarch" };
        let choice = Choice {
            id: 1,
            rpm: Value::Struct(rpm),
            key: None,
            available: vec![String::new(), "ccc".into()],
        };
        let keys = ["aaa".to_owned()];
        let problem = Problem { keys: &keys, missing: &[], unsigned: &[&choice], skip: true };
        let text = signatures_text(&problem).unwrap();
        assert!(text.contains("left out") && text.ends_with("foo-1-2.noarch: [\"\", \"ccc\"]\n"), "{text}");
        assert!(files_text(&["/b".into(), "/a".into()]).ends_with("Missing files:\n/a\n/b\n"));
        assert!(written(7, "aaa", Some(&Error::generic("no such file"))).contains("no such file"));
    }
}
