//! What a farm has and what it is to build, from a seed.

use super::seeds::{share, skewed};
use crate::fuzz::Random;

/// A host.
#[derive(Clone, Debug)]
pub struct Builder {
    /// What it builds for
    pub arch: &'static str,
    /// The weights that it bears
    pub capacity: f64,
    /// How many tasks it takes
    pub max_jobs: i64,
    /// Its memory in MiB
    pub memory_mb: f64,
    /// How fast it is; 1 is usual
    pub speed: f64,
}

/// What a package needs on one arch.
#[derive(Clone, Debug)]
pub struct Part {
    /// The arch
    pub arch: &'static str,
    /// How long it takes on a usual host that has nothing else to do, in seconds
    pub duration_s: f64,
    /// The most memory, in MiB
    pub memory_mb: f64,
}

/// A package to be built.
#[derive(Clone, Debug)]
pub struct Package {
    /// Its name
    pub name: String,
    /// Who asks for it
    pub owner: i64,
    /// When it is asked for, in seconds
    pub asked_s: f64,
    /// Its parts
    pub parts: Vec<Part>,
}

/// Builders and packages.
#[derive(Clone, Debug)]
pub struct Farm {
    /// The builders
    pub builders: Vec<Builder>,
    /// The packages, in the order of asking
    pub packages: Vec<Package>,
}

/// Who rebuilds everything.
pub(super) const REBUILDER: i64 = 1;
/// How many others build now and then.
const OTHERS: usize = 20;
/// The arches, and of how many in ten builders each is.
const ARCHES: [(&str, usize); 3] = [("x86_64", 6), ("aarch64", 3), ("s390x", 1)];

impl Farm {
    /// A farm whose first user asks for all packages at once, while others ask for one in twenty more over two hours.
    pub fn new(seed: u64, builders: usize, packages: usize) -> Self {
        let mut random = Random::new(seed);
        let builders = (0..builders).map(|number| builder(&mut random, number)).collect();
        let mut packages: Vec<Package> =
            (0..packages).map(|number| package(&mut random, number, REBUILDER, 0.0)).collect();
        for number in 0..packages.len() / 20 {
            let owner = 2 + random.below(OTHERS) as i64;
            let asked_s = share(&mut random) * 7200.0;
            packages.push(package(&mut random, packages.len() + number, owner, asked_s));
        }
        packages.sort_by(|a, b| a.asked_s.total_cmp(&b.asked_s));
        Self { builders, packages }
    }
}

fn builder(random: &mut Random, number: usize) -> Builder {
    let mut place = number % 10;
    let arch = ARCHES.iter().find(|(_, count)| {
        let here = place < *count;
        place = place.saturating_sub(*count);
        here
    });
    let cores = *random.pick(&[4.0, 8.0, 8.0, 16.0]);
    Builder {
        arch: arch.map_or("x86_64", |(arch, _)| arch),
        capacity: cores,
        max_jobs: (cores as i64).max(4),
        memory_mb: cores * *random.pick(&[1024.0, 2048.0, 4096.0]),
        speed: *random.pick(&[0.8, 1.0, 1.0, 1.25]),
    }
}

/// A third of the packages have no part for each arch, for they are `noarch`: any builder does them.
fn package(random: &mut Random, number: usize, owner: i64, asked_s: f64) -> Package {
    let duration_s = skewed(random, 240.0, 1.1).clamp(20.0, 40_000.0);
    let memory_mb = skewed(random, 500.0, 1.0).clamp(50.0, 16_000.0);
    let mut part = |arch| Part { arch, duration_s: duration_s * skewed(random, 1.0, 0.1), memory_mb };
    let parts = if number.is_multiple_of(3) {
        vec![part("noarch")]
    } else {
        ARCHES.map(|(arch, _)| part(arch)).to_vec()
    };
    Package { name: format!("package{number}"), owner, asked_s, parts }
}
