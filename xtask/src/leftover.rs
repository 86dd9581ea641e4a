//! Programs that a script left running, found by a directory of their command line.

use std::fs;
use std::path::Path;
use std::process::Command;

/// Stops every hub daemon that was started with a configuration below a directory.
pub fn stop_hubs(dir: &Path) {
    let marker = dir.display().to_string();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Ok(line) = fs::read(entry.path().join("cmdline")) else { continue };
        let words: Vec<String> =
            line.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned()).collect();
        let is_hub = words.first().is_some_and(|program| program.ends_with("/koji-hubd"));
        if is_hub && words.iter().any(|word| word.starts_with(&marker)) {
            // It may have ended by itself meanwhile.
            let _ = Command::new("kill").arg(entry.file_name()).status();
        }
    }
}
