//! Whether this machine can take another task: pure rules over what was measured.

use std::ffi::CString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use koji_core::{Error, Result};

/// What the decision looks at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Facts {
    /// Whether the hub has the host enabled.
    pub enabled: bool,
    /// How much weight of tasks the hub gives it.
    pub capacity: f64,
    /// The weight of the tasks that run and don't wait.
    pub task_load: f64,
    /// How many tasks it has.
    pub tasks: usize,
    /// How many it may have.
    pub maxjobs: i64,
    /// Free disk space where it works, in MB.
    pub space_mb: u64,
    /// How much of it there must be, in MB.
    pub minspace_mb: i64,
    /// Free disk space where the hub's files are mounted, in MB, if they are.
    pub topdir_mb: Option<u64>,
    /// How much of that there must be, in MB.
    pub min_avail_space_mb: i64,
    /// Free memory, in MB, if the system tells.
    pub memory_mb: Option<f64>,
    /// How much of it there must be beside running tasks, in MB.
    pub min_avail_memory_mb: i64,
    /// The load average of the last minute.
    pub loadavg: f64,
    /// How high it may be, for each processor.
    pub maxload: i64,
    /// The number of processors.
    pub processors: usize,
}

/// Why no task can be taken; nothing when one can.
pub fn obstacle(facts: &Facts) -> Option<String> {
    let maxload = facts.maxload as f64 * facts.processors as f64;
    if !facts.enabled {
        return Some("the host is disabled".into());
    }
    if facts.task_load > facts.capacity {
        return Some(format!(
            "the tasks weigh {:.2}, the capacity is {:.2}",
            facts.task_load, facts.capacity
        ));
    }
    if facts.tasks as i64 >= facts.maxjobs {
        return Some(format!("{} tasks are running, maxjobs is {}", facts.tasks, facts.maxjobs));
    }
    if facts.space_mb < facts.minspace_mb.unsigned_abs() {
        return Some(format!(
            "{} MB of disk space are free, minspace is {}",
            facts.space_mb, facts.minspace_mb
        ));
    }
    if let Some(topdir_mb) = facts.topdir_mb.filter(|mb| *mb < facts.min_avail_space_mb.unsigned_abs()) {
        return Some(format!(
            "{topdir_mb} MB of disk space are free for the hub's files, min_avail_space is {}",
            facts.min_avail_space_mb
        ));
    }
    // an idle host has all the memory it will ever have
    if let Some(memory_mb) =
        facts.memory_mb.filter(|mb| facts.tasks > 0 && *mb < facts.min_avail_memory_mb as f64)
    {
        return Some(format!(
            "{memory_mb:.0} MB of memory are free, min_avail_memory is {}",
            facts.min_avail_memory_mb
        ));
    }
    if facts.loadavg > maxload {
        return Some(format!("the load average is {:.2}, above {maxload:.2} (maxload)", facts.loadavg));
    }
    None
}

/// Free space of the file system that holds a directory, in MB, as an ordinary user has it.
pub fn space_mb(dir: &Path) -> Result<u64> {
    let path = CString::new(dir.as_os_str().as_bytes())
        .map_err(|_| Error::generic(format!("{} is no path", dir.display())))?;
    let mut stat = std::mem::MaybeUninit::<libc::statvfs>::zeroed();
    // SAFETY: the path ends with a zero and statvfs fills the struct, for which zeroes are valid.
    let (failed, stat) = unsafe {
        let failed = libc::statvfs(path.as_ptr(), stat.as_mut_ptr());
        (failed, stat.assume_init())
    };
    if failed != 0 {
        return Err(Error::io(dir, std::io::Error::last_os_error()));
    }
    Ok(stat.f_bavail * stat.f_bsize / 1024 / 1024)
}

/// The memory in MiB that is there for new tasks; None where the system does not tell.
pub fn memory_mb() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().trim_end_matches("kB").trim().parse::<f64>().ok().map(|kib| kib / 1024.0)
}

/// The load average of the last minute; 0 where the system does not tell.
pub fn loadavg() -> f64 {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().and_then(|first| first.parse().ok()).unwrap_or_default()
}

/// The number of processors.
pub fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: Facts = Facts {
        enabled: true,
        capacity: 2.0,
        task_load: 1.5,
        tasks: 1,
        maxjobs: 10,
        space_mb: 9000,
        minspace_mb: 8192,
        topdir_mb: Some(500),
        min_avail_space_mb: 500,
        memory_mb: Some(300.0),
        min_avail_memory_mb: 256,
        loadavg: 3.0,
        maxload: 4,
        processors: 2,
    };

    #[test]
    fn each_limit_is_told() {
        assert_eq!(obstacle(&IDLE), None);
        let told = |facts: Facts| obstacle(&facts).unwrap();
        assert!(told(Facts { enabled: false, ..IDLE }).contains("disabled"));
        assert!(told(Facts { task_load: 2.5, ..IDLE }).contains("capacity"));
        assert!(told(Facts { tasks: 10, ..IDLE }).contains("maxjobs"));
        assert!(told(Facts { space_mb: 100, ..IDLE }).contains("minspace"));
        assert!(told(Facts { topdir_mb: Some(499), ..IDLE }).contains("min_avail_space"));
        assert!(told(Facts { memory_mb: Some(255.0), ..IDLE }).contains("min_avail_memory"));
        assert_eq!(obstacle(&Facts { memory_mb: Some(255.0), tasks: 0, ..IDLE }), None);
        assert!(told(Facts { loadavg: 8.1, ..IDLE }).contains("load average"));
        assert_eq!(obstacle(&Facts { loadavg: 8.1, maxload: 5, ..IDLE }), None);
        // a host at its capacity, not above it, may take one more
        assert_eq!(obstacle(&Facts { task_load: 2.0, ..IDLE }), None);
    }

    #[test]
    fn this_machine_can_be_measured() {
        assert!(space_mb(Path::new("/")).is_ok());
        assert!(space_mb(Path::new("/nonexistent")).is_err());
        assert!(processors() > 0 && memory_mb().is_some_and(|mb| mb > 1.0));
    }
}
