//! Tasks that make parts and wait for them. They keep their place on a host meanwhile, so if they had all the places
//! there are, none of their parts could ever begin: some places are left to those below them. Pure.

/// Methods whose tasks wait for tasks of their own.
const MAKE_PARTS: [&str; 15] = [
    "build",
    "chainbuild",
    "chainmaven",
    "maven",
    "wrapperRPM",
    "image",
    "livecd",
    "livemedia",
    "appliance",
    "winbuild",
    "newRepo",
    "distRepo",
    "restartHosts",
    "dependantTask",
    "fork",
];

/// Whether tasks of the method make parts.
pub fn makes(method: &str) -> bool {
    MAKE_PARTS.contains(&method)
}

/// How many places of each host a task leaves to tasks further down: a build needs one for its parts, and what makes
/// builds another one for theirs.
pub fn leaves(method: &str, is_part: bool) -> i64 {
    match (makes(method), is_part) {
        (false, _) => 0,
        (true, true) => 1,
        (true, false) => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_higher_the_more_is_left() {
        let chain = [leaves("chainbuild", false), leaves("build", true), leaves("buildArch", true)];
        assert_eq!(chain, [2, 1, 0]);
        assert_eq!(leaves("buildArch", false), 0);
    }
}
