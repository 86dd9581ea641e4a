//! Choosing the packages of a repository that something needs, and what these need in turn.
//!
//! It is no solver: conflicts are left for rpm to see, and of several packages that fit, the one of the very
//! name is taken, else the newest.

use std::collections::{BTreeSet, HashMap, VecDeque};

use super::offer::Offer;
use crate::rpm::capability::Capability;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// The numbers of the packages, in order.
    pub taken: Vec<usize>,
    /// What was wanted, and nothing provides.
    pub absent: Vec<Capability>,
    /// What the packages need, and nothing provides.
    pub unmet: Vec<Capability>,
}

/// Chooses what provides all that is wanted. What the packages themselves need is looked for only if it is
/// not `held` already.
pub fn choose(offers: &[Offer], wanted: &[Capability], held: impl Fn(&Capability) -> bool) -> Choice {
    let index = index(offers);
    let mut choice = Choice::default();
    let mut taken = BTreeSet::new();
    let mut open: VecDeque<(&Capability, bool)> = wanted.iter().map(|one| (one, true)).collect();
    let mut seen = BTreeSet::new();
    while let Some((need, is_wanted)) = open.pop_front() {
        let key = (need.name.as_str(), need.comparison.as_str(), need.version.as_str());
        if !seen.insert(key) || !is_wanted && held(need) {
            continue;
        }
        let fitting = || {
            let named = index.get(need.name.as_str()).into_iter().flatten();
            named.copied().filter(|at| offers[*at].meets(need))
        };
        if fitting().any(|at| taken.contains(&at)) {
            continue;
        }
        match fitting().max_by(|left, right| better(&offers[*left], &offers[*right], need)) {
            Some(at) => {
                taken.insert(at);
                open.extend(offers[at].requires.iter().map(|one| (one, false)));
            }
            None if is_wanted => choice.absent.push(need.clone()),
            None => choice.unmet.push(need.clone()),
        }
    }
    choice.taken = taken.into_iter().collect();
    choice
}

/// The packages that provide each name.
fn index(offers: &[Offer]) -> HashMap<&str, Vec<usize>> {
    let mut index: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, offer) in offers.iter().enumerate() {
        let names: BTreeSet<&str> = offer
            .provides
            .iter()
            .map(|provided| provided.name.as_str())
            .chain(offer.files.iter().map(String::as_str))
            .collect();
        names.into_iter().for_each(|name| index.entry(name).or_default().push(at));
    }
    index
}

fn better(left: &Offer, right: &Offer, need: &Capability) -> std::cmp::Ordering {
    let is_named = |offer: &Offer| offer.name == need.name;
    is_named(left)
        .cmp(&is_named(right))
        // of different packages that both fit, the one of the shorter name is rarely the special one
        .then_with(|| right.name.len().cmp(&left.name.len()))
        .then_with(|| right.name.cmp(&left.name))
        .then_with(|| rpm_version::rpm_evr_compare(&left.evr, &right.evr))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(name: &str, version: &str, provides: &[&str], requires: &[&str]) -> Offer {
        let list = |texts: &[&str]| texts.iter().map(|text| Capability::parse(text)).collect::<Vec<_>>();
        let mut provides = list(provides);
        provides.push(Capability::parse(&format!("{name} = {version}")));
        Offer {
            name: name.into(),
            evr: version.into(),
            provides,
            requires: list(requires),
            ..Offer::default()
        }
    }

    #[test]
    fn what_is_needed_is_taken_with_what_that_needs() {
        let offers = [
            offer("a", "1-1", &[], &["lib.so", "sh", "gone"]),
            offer("a", "2-1", &[], &["lib.so", "sh", "gone"]),
            offer("lib", "1-1", &["lib.so"], &["a"]),
            offer("lib-special", "9-1", &["lib.so"], &[]),
            offer("shell", "1-1", &["sh"], &[]),
        ];
        let wanted = |texts: &[&str]| texts.iter().map(|text| Capability::parse(text)).collect::<Vec<_>>();
        let held = |need: &Capability| need.name == "sh";
        let choice = choose(&offers, &wanted(&["a", "cmake"]), held);
        assert_eq!(choice.taken, [1, 2]);
        assert_eq!((choice.absent, choice.unmet), (wanted(&["cmake"]), wanted(&["gone"])));
        let older = choose(&offers, &wanted(&["a < 2"]), held);
        assert_eq!(older.taken, [0, 2]);
        assert_eq!(choose(&offers, &wanted(&["sh"]), held).taken, [4]);
    }
}
