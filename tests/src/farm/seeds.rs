//! Numbers as they are spread in real farms, from a seed.

use crate::fuzz::Random;

/// From 0 to 1.
pub(super) fn share(random: &mut Random) -> f64 {
    (random.number() >> 11) as f64 / (1_u64 << 53) as f64
}

/// Many small and few large ones, half of them below `median`: logarithms are spread normally.
pub(super) fn skewed(random: &mut Random, median: f64, spread: f64) -> f64 {
    let (radius, angle) = (share(random).max(1e-12), share(random));
    let normal = (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos();
    median * (normal * spread).exp()
}
