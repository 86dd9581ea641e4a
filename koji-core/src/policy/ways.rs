//! Where a rule leads that holds: to the next rule, or out of the blocks around it.

use std::collections::BTreeSet;

/// How a rule may end that holds.
#[derive(Default)]
pub(super) struct Ways {
    /// The next rule may follow
    pub(super) through: bool,
    /// How many levels may be left, that of the rule included
    pub(super) exits: BTreeSet<u64>,
}

impl Ways {
    /// So many levels as there are.
    pub(super) const ALL: u64 = u64::MAX;

    pub(super) fn leaving(levels: u64) -> Self {
        Self { through: false, exits: BTreeSet::from([levels]) }
    }

    /// Adds the ways of a rule within the block that these are the ways of.
    pub(super) fn add_outer(&mut self, inner: &Self) {
        for levels in &inner.exits {
            match *levels {
                Self::ALL => drop(self.exits.insert(Self::ALL)),
                1 => self.through = true,
                levels => drop(self.exits.insert(levels - 1)),
            }
        }
    }
}
