//! Every file says at its top what it owns; nothing is called after its vagueness.

use super::Source;

const VAGUE: [&str; 4] = ["util.rs", "utils.rs", "helpers.rs", "misc.rs"];

/// Complains about files without a heading and about vague names.
pub(super) fn check(sources: &[Source]) -> Vec<String> {
    let mut complaints = Vec::new();
    for source in sources {
        if !source.text.starts_with("//!") {
            complaints.push(format!("{}: does not begin with `//!` and what it owns", source.path));
        }
        if VAGUE.iter().any(|name| source.path.ends_with(&format!("/{name}"))) {
            complaints.push(format!("{}: a name that says nothing", source.path));
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_and_names_are_asked_for() {
        let told = |path: &str, text: &str| check(&[Source { path: path.into(), text: text.into() }]).len();
        assert_eq!(told("koji-core/src/tag/get.rs", "//! Finds tags.\n"), 0);
        assert_eq!(told("koji-core/src/tag/get.rs", "use std::fmt;\n"), 1);
        assert_eq!(told("koji-core/src/tag/util.rs", "//! Anything.\n"), 1);
    }
}
