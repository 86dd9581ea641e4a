//! How long the calls of builders took, by method.

use std::collections::BTreeMap;
use std::time::Duration;

use super::latency::quantile;

/// Times in microseconds, by method.
#[derive(Clone, Debug, Default)]
pub struct Calls(BTreeMap<&'static str, Vec<u32>>);

/// The calls of one method, or of all.
#[derive(Clone, Copy, Debug, Default)]
pub struct Took {
    /// How many there were
    pub count: usize,
    /// Half took at most so long, in milliseconds
    pub p50_ms: f64,
    /// 99 of 100
    pub p99_ms: f64,
    /// All together, in seconds
    pub sum_s: f64,
}

impl Calls {
    /// One call took so long.
    pub fn add(&mut self, method: &'static str, took: Duration) {
        self.0.entry(method).or_default().push(u32::try_from(took.as_micros()).unwrap_or(u32::MAX));
    }

    /// Those of somebody else too.
    pub fn extend(&mut self, other: Self) {
        other.0.into_iter().for_each(|(method, times)| self.0.entry(method).or_default().extend(times));
    }

    /// All of them.
    pub fn all(&self) -> Took {
        took(self.0.values().flatten().copied().collect())
    }

    /// The methods, the one that took most time first.
    pub fn by_method(&self) -> Vec<(&'static str, Took)> {
        let mut methods: Vec<_> =
            self.0.iter().map(|(method, times)| (*method, took(times.clone()))).collect();
        methods.sort_by(|(_, a), (_, b)| b.sum_s.total_cmp(&a.sum_s));
        methods
    }
}

fn took(mut times_us: Vec<u32>) -> Took {
    times_us.sort_unstable();
    let at = |share| f64::from(quantile(&times_us, share).unwrap_or_default()) / 1000.0;
    let sum_us: f64 = times_us.iter().copied().map(f64::from).sum();
    Took { count: times_us.len(), p50_ms: at(0.5), p99_ms: at(0.99), sum_s: sum_us / 1e6 }
}
