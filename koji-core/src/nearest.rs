//! The name that someone may have meant who wrote one that is not known.

/// The known name that is nearest to a word, letter case aside, if one is near enough.
pub fn find<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    // a third of the letters may be wrong, at least one and at most four
    let limit = (word.chars().count() / 3).clamp(1, 4);
    known
        .into_iter()
        .map(|name| (strsim::osa_distance(&word, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, name)| name)
}

/// `did you mean NAME?`, or what to say if nothing is near.
pub fn hint<'a>(word: &str, known: impl IntoIterator<Item = &'a str>, otherwise: &str) -> String {
    find(word, known).map_or_else(|| otherwise.to_owned(), |name| format!("did you mean {name}?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_and_far() {
        let known = ["has_perm", "has", "tag", "hastag"];
        assert_eq!(find("has_prem", known), Some("has_perm"));
        assert_eq!(find("HASTAG", known), Some("hastag"));
        assert_eq!(find("tga", known), Some("tag"));
        assert_eq!(find("moon", known), None);
        assert_eq!(hint("moon", known, "see the list"), "see the list");
        assert_eq!(hint("tagg", known, ""), "did you mean tag?");
    }
}
