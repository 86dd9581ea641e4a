//! What a buildroot is told about the machine, and how much of the machine it may take.

use std::fs;
use std::path::Path;

use koji_core::{Error, Result};

use super::Chroot;
use super::logs;
use crate::builder::backend::Site;
use crate::builder::backend::cgroup::Caps;
use crate::builder::buildroot::BuildRoot;
use crate::builder::config::Settings;
use crate::builder::{load, process};

/// How much of the machine's memory a buildroot may take if the configuration does not say: nine tenths.
const SHARE: (u64, u64) = (9, 10);

/// The limits of a buildroot.
pub(super) fn caps(settings: &Settings) -> Result<Caps> {
    let wanted = settings.config().int("buildroot_memory").unsigned_abs() * 1024 * 1024;
    let memory_bytes = match wanted {
        0 => memory_bytes()? / SHARE.1 * SHARE.0,
        wanted => wanted,
    };
    Ok(Caps { memory_bytes, processes: settings.config().int("buildroot_processes").unsigned_abs() })
}

fn memory_bytes() -> Result<u64> {
    let path = "/proc/meminfo";
    let text = fs::read_to_string(path).map_err(|error| Error::io(Path::new(path), error))?;
    total(&text).ok_or_else(|| Error::unforeseen(format!("{path} does not tell how much memory there is")))
}

fn total(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib * 1024)
}

impl Chroot {
    /// Writes the log that tells about the machine.
    pub(super) fn describe(&mut self, site: &mut Site<'_>, root: &BuildRoot) -> Result<()> {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let space = load::space_mb(&self.place.dir)?;
        let text = format!(
            "CPU info:\n{}processors: {}\n\nMemory:\n{}\nStorage:\n{space} MB free in {}\n\nKernel: {}\n",
            chosen(&read("/proc/cpuinfo"), &["model name", "cpu MHz", "cache size", "Features", "flags"]),
            load::processors(),
            chosen(&read("/proc/meminfo"), &["MemTotal", "MemFree", "MemAvailable", "SwapTotal", "SwapFree"]),
            self.place.dir.display(),
            process::kernel_release()
        );
        self.write_log(site, logs::HW_INFO, &text)?;
        self.note(site, &format!("buildroot {} ({}), group {}", root.id, root.name, root.options.group))
    }
}

/// The first line of each of some keys.
fn chosen(text: &str, keys: &[&str]) -> String {
    let line =
        |key: &&str| text.lines().find(|line| line.split(':').next().is_some_and(|name| name.trim() == *key));
    keys.iter().filter_map(line).map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read() {
        assert_eq!(total("MemTotal:       2048 kB\nMemFree: 1 kB\n"), Some(2 * 1024 * 1024));
        assert_eq!(total(""), None);
        assert_eq!(chosen("a : 1\na : 2\nbb: 3\n", &["bb", "a"]), "bb: 3\na : 1\n");
    }
}
