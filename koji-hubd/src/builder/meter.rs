//! [`Meter`]: how much memory the processes of each task take at most. The hub's scheduler learns from it what to expect of the
//! next task of the kind.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::process;

/// How often it looks.
const LOOK: Duration = Duration::from_secs(1);
/// How long the peak of a task that has ended is told: the hub learns of the end a little later.
const MEMORY: Duration = Duration::from_secs(300);

/// The peaks of tasks; a thread looks while there are tasks.
#[derive(Clone, Default)]
pub struct Meter(Arc<Mutex<BTreeMap<i64, Measured>>>);

struct Measured {
    pid: u32,
    peak_mb: f64,
    ended: Option<Instant>,
}

impl Meter {
    /// A meter with its thread, which ends with the process.
    pub fn start() -> std::io::Result<Self> {
        let meter = Self::default();
        let own = meter.clone();
        std::thread::Builder::new().name("meter".into()).spawn(move || {
            loop {
                own.look();
                std::thread::sleep(LOOK);
            }
        })?;
        Ok(meter)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<i64, Measured>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A task's process has begun.
    pub fn begin(&self, task: i64, pid: u32) {
        self.lock().insert(task, Measured { pid, peak_mb: 0.0, ended: None });
    }

    /// It has ended.
    pub fn end(&self, task: i64) {
        if let Some(measured) = self.lock().get_mut(&task) {
            measured.ended = Some(Instant::now());
        }
    }

    /// The peaks by task, in MiB; of those that have ended lately, too.
    pub fn peaks_mb(&self) -> BTreeMap<i64, f64> {
        let mut measured = self.lock();
        measured.retain(|_, one| one.ended.is_none_or(|ended| ended.elapsed() < MEMORY));
        measured.iter().filter(|(_, one)| one.peak_mb > 0.0).map(|(task, one)| (*task, one.peak_mb)).collect()
    }

    fn look(&self) {
        let running: Vec<(i64, u32)> = self
            .lock()
            .iter()
            .filter(|(_, one)| one.ended.is_none())
            .map(|(task, one)| (*task, one.pid))
            .collect();
        if running.is_empty() {
            return;
        }
        let pids: Vec<i32> = running.iter().map(|(_, pid)| pid.cast_signed()).collect();
        let now_mb = process::memory_mb(&pids);
        let mut measured = self.lock();
        for ((task, _), mb) in running.iter().zip(now_mb) {
            if let Some(one) = measured.get_mut(task) {
                one.peak_mb = one.peak_mb.max(mb);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_of_a_process_and_its_children_stays_known() {
        // a shell whose child takes 64 MiB for a moment
        let script = "python3 -c 'x = bytearray(64 << 20); import time; time.sleep(1)'; sleep 5";
        let mut child = std::process::Command::new("sh").args(["-c", script]).spawn().unwrap();
        let meter = Meter::default();
        meter.begin(7, child.id());
        let begun = Instant::now();
        while meter.peaks_mb().get(&7).is_none_or(|peak| *peak < 64.0) {
            assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", meter.peaks_mb());
            meter.look();
            std::thread::sleep(Duration::from_millis(50));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        meter.end(7);
        assert!(meter.peaks_mb()[&7] >= 64.0);
    }
}
