//! A farm of simulated builders and a mass rebuild on it: what there is (`work`), the schedule that comes of the
//! scheduler's decisions (`schedule`, without a hub), and builders that work for a real hub (`live`).

mod agent;
mod calls;
mod latency;
mod live;
mod schedule;
mod seeds;
mod work;

pub use calls::{Calls, Took};
pub use latency::Latency;
pub use live::{Live, Outcome, run as run_live};
pub use schedule::{Choice, Schedule, run};
pub use work::{Builder, Farm, Package, Part};
