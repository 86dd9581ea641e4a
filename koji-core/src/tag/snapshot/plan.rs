//! What to untag and to tag so that a tag has the builds of another one, in its order. Pure.

use std::collections::{HashSet, VecDeque};

use crate::tag::tagging::listing::Step;

/// The steps for one package. Both lists have the oldest first. Builds that only the destination has are untagged if
/// `remove`, or else come to stand before all others.
pub fn steps(source: &[i32], held: &[i32], remove: bool) -> Vec<Step> {
    let wanted: HashSet<i32> = source.iter().copied().collect();
    let (kept, extra): (Vec<i32>, Vec<i32>) = held.iter().copied().partition(|build| wanted.contains(build));
    let mut steps = Vec::new();
    let (order, mut rest): (Vec<i32>, VecDeque<i32>) = if remove {
        steps.extend(extra.iter().map(|build| Step::Untag(*build)));
        (source.to_vec(), kept.into())
    } else {
        (extra.iter().chain(source).copied().collect(), held.iter().copied().collect())
    };
    for build in order {
        // what stands before it is in the wrong place: it is tagged anew when its turn comes
        while rest.front().is_some_and(|first| *first != build) {
            steps.extend(rest.pop_front().map(Step::Untag));
        }
        if rest.pop_front().is_none() {
            steps.push(Step::Tag(build));
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::Step::{Tag, Untag};
    use super::*;

    fn after(held: &[i32], steps: &[Step]) -> Vec<i32> {
        let mut held = held.to_vec();
        for step in steps {
            match step {
                Tag(build) | Step::Retag(build) => held.push(*build),
                Untag(build) => held.retain(|other| other != build),
            }
        }
        held
    }

    #[test]
    fn what_is_right_stays() {
        assert_eq!(steps(&[1, 2], &[1, 2], false), []);
        assert_eq!(steps(&[1, 2, 3], &[1, 2], false), [Tag(3)]);
        assert_eq!(steps(&[], &[], true), []);
    }

    #[test]
    fn the_order_is_that_of_the_source() {
        assert_eq!(steps(&[2, 1], &[1, 2], false), [Untag(1), Tag(1)]);
        assert_eq!(after(&[1, 2, 3], &steps(&[3, 1, 2], &[1, 2, 3], false)), [3, 1, 2]);
    }

    #[test]
    fn what_the_source_lacks_goes_or_comes_first() {
        assert_eq!(steps(&[2], &[1, 2], true), [Untag(1)]);
        assert_eq!(after(&[2, 1], &steps(&[2], &[2, 1], false)), [1, 2]);
        assert_eq!(steps(&[2], &[1], true), [Untag(1), Tag(2)]);
    }
}
