//! What hosts have to do, as a table: for `list-hosts --load` and `why`.

use koji_core::scheduler::why::HostLoad;

/// How wide the column of names is.
pub fn width<'h>(hosts: impl Iterator<Item = &'h HostLoad>) -> usize {
    hosts.map(|host| host.name.chars().count()).max().unwrap_or_default().clamp(4, 36)
}

/// The line above the table.
pub fn heading(width: usize) -> String {
    format!("{:<width$} {:>10} {:>7} {:>9}", "Host", "Load/Cap", "Tasks", "Free MiB")
}

/// A host's line.
pub fn row(host: &HostLoad, width: usize) -> String {
    let memory = host.memory_mb.map_or_else(|| "-".to_owned(), |memory| format!("{memory:.0}"));
    let load = format!("{:.1}/{:.1}", host.load, host.capacity);
    let tasks = format!("{}/{}", host.tasks, host.max_jobs);
    format!("{:<width$} {load:>10} {tasks:>7} {memory:>9}", host.name)
}
