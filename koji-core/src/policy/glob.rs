//! Shell patterns as Python's `fnmatch` has them: `*`, `?`, `[abc]`, `[!abc]`; there is no escape.

/// Whether a text matches at least one pattern, case included.
pub fn matches_any<T: AsRef<str>>(text: &str, patterns: &[T]) -> bool {
    patterns.iter().any(|pattern| matches(text, pattern.as_ref()))
}

fn matches(text: &str, pattern: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let pattern: Vec<char> = pattern.chars().collect();
    let (mut at, mut place) = (0, 0);
    // where to go on when a later part fails: behind the last star, with one more character under it
    let mut retry: Option<(usize, usize)> = None;
    while at < text.len() {
        if pattern.get(place) == Some(&'*') {
            retry = Some((at, place + 1));
            place += 1;
        } else if let Some(next) = one(text[at], &pattern, place) {
            (at, place) = (at + 1, next);
        } else if let Some((from, after)) = retry {
            retry = Some((from + 1, after));
            (at, place) = (from + 1, after);
        } else {
            return false;
        }
    }
    pattern[place..].iter().all(|c| *c == '*')
}

/// Where the pattern goes on if its part at `place` takes this character.
fn one(c: char, pattern: &[char], place: usize) -> Option<usize> {
    match pattern.get(place)? {
        '?' => Some(place + 1),
        '[' => match closing(pattern, place + 1) {
            Some(end) => in_set(c, &pattern[place + 1..end]).then_some(end + 1),
            None => (c == '[').then_some(place + 1),
        },
        plain => (*plain == c).then_some(place + 1),
    }
}

fn closing(pattern: &[char], start: usize) -> Option<usize> {
    let negated = usize::from(pattern.get(start) == Some(&'!'));
    // a bracket that comes first belongs to the set
    let first = start + negated + 1;
    pattern.iter().skip(first).position(|c| *c == ']').map(|position| first + position)
}

fn in_set(c: char, set: &[char]) -> bool {
    let (negated, mut set) = match set.split_first() {
        Some(('!', rest)) => (true, rest),
        _ => (false, set),
    };
    let mut found = false;
    while let Some((first, rest)) = set.split_first() {
        if let ['-', last, after @ ..] = rest {
            found |= (*first..=*last).contains(&c);
            set = after;
        } else {
            found |= *first == c;
            set = rest;
        }
    }
    found != negated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let yes = [
            ("f39", "f*"),
            ("", "*"),
            ("abcabd", "*ab?"),
            ("a]c", "a[]]c"),
            ("x[", "x["),
            ("b", "[a-c]"),
            ("-", "[a-]"),
        ];
        for (text, pattern) in yes {
            assert!(matches(text, pattern), "{text} {pattern}");
        }
        for (text, pattern) in
            [("F39", "f*"), ("a", ""), ("b", "[!a-c]"), ("ab", "a"), ("abx", "*ab"), ("", "?")]
        {
            assert!(!matches(text, pattern), "{text} {pattern}");
        }
        assert!(matches_any("kernel", &["glibc", "ker*"]));
        assert!(!matches_any("kernel", &[] as &[&str]));
    }
}
