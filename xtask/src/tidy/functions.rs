//! A function fits a screen. There is no list of larger ones: what grows beyond is split. Integration tests are
//! left out, for theirs may be long tables.

use super::Source;

const MOST_LINES: usize = 70;

/// Complains about functions that are too long.
pub(super) fn check(sources: &[Source]) -> Vec<String> {
    let mut complaints = Vec::new();
    for source in sources.iter().filter(|source| !source.path.starts_with("tests/")) {
        let lines: Vec<&str> = source.text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let Some(name) = begun(line) else { continue };
            let length = length(&lines[at..]);
            if length > MOST_LINES {
                complaints.push(format!(
                    "{}:{}: {name} has {length} lines; split it ({MOST_LINES} at most)",
                    source.path,
                    at + 1
                ));
            }
        }
    }
    complaints
}

/// The name of the function that a line begins.
fn begun(line: &str) -> Option<&str> {
    let (before, after) = line.split_once("fn ")?;
    let modifier = |word: &str| {
        ["pub", "const", "async", "unsafe", "default", "extern", "\"C\"", "\"system\""].contains(&word)
            || (word.starts_with("pub(") || word == "super)" || word == "crate)")
    };
    let name = after.split(['(', '<']).next()?;
    (before.split_whitespace().all(modifier) && !name.is_empty()).then_some(name)
}

/// How many lines a function has: rustfmt puts its end below its beginning.
fn length(lines: &[&str]) -> usize {
    let Some(first) = lines.first() else { return 0 };
    if first.ends_with([';', '}']) {
        return 1;
    }
    let indent = &first[..first.len() - first.trim_start().len()];
    let ends = |line: &&str| {
        let here = line.strip_prefix(indent);
        here == Some("}") || here.is_some_and(|text| text.starts_with(')') && text.ends_with(';'))
    };
    lines.iter().skip(1).position(ends).map_or(lines.len(), |after| after + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(text: String) -> Vec<String> {
        check(&[Source { path: "koji-core/src/a.rs".into(), text }])
    }

    fn function(head: &str, lines: usize) -> String {
        format!("impl A {{\n    {head} {{\n{}    }}\n}}\n", "        work();\n".repeat(lines - 2))
    }

    #[test]
    fn a_function_may_fill_a_screen_and_no_more() {
        assert!(complaints(function("pub fn go()", 70)).is_empty());
        let told = complaints(function("pub(super) async fn go<T>(t: T) -> u8", 71));
        assert_eq!(told, ["koji-core/src/a.rs:2: go has 71 lines; split it (70 at most)"]);
    }

    #[test]
    fn ends_are_found() {
        let length = |text: &str| length(&text.lines().collect::<Vec<_>>());
        assert_eq!(length("fn a() {}\nfn b() {\n}"), 1);
        assert_eq!(length("fn a();\n"), 1);
        assert_eq!(length("    fn a(\n        b: u8,\n    ) -> u8;\n    fn c() {\n    }"), 3);
        assert_eq!(length("fn a() {\n    if b {\n    }\n}\n"), 4);
        assert_eq!(
            (begun("// the fn of it"), begun("    pub const fn new() -> Self {")),
            (None, Some("new"))
        );
    }
}
