//! Files stay below 400 lines. Those that are larger stand in a list that only shrinks.

use std::collections::BTreeMap;

use super::Source;
use crate::{Result, places};

const MOST_LINES: usize = 400;

/// The files that are larger, with their lines.
const LARGER: &str = "xtask/src/tidy/larger.txt";

/// Complains about files that are too long, and about entries of the list that could shrink.
pub(super) fn check(sources: &[Source]) -> Result<Vec<String>> {
    let path = places::root().join(LARGER);
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(complaints(sources, &text))
}

/// The same, with the text of the list.
fn complaints(sources: &[Source], list: &str) -> Vec<String> {
    let allowed: BTreeMap<&str, usize> = list
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(lines, file)| Some((file, lines.parse().ok()?)))
        .collect();
    let mut complaints = Vec::new();
    for source in sources.iter().filter(|source| !source.path.starts_with("koji-core/schema/")) {
        let lines = source.text.lines().count();
        match allowed.get(source.path.as_str()) {
            None if lines > MOST_LINES => {
                complaints
                    .push(format!("{}: {lines} lines; split it by noun ({MOST_LINES} at most)", source.path));
            }
            Some(most) if lines > *most => {
                complaints.push(format!("{}: grew from {most} to {lines} lines", source.path));
            }
            Some(most) if lines < *most => {
                complaints
                    .push(format!("{}: shrank to {lines} lines; lower its number in {LARGER}", source.path));
            }
            _ => {}
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_only_shrinks() {
        let told = |lines: usize, list: &str| {
            complaints(&[Source { path: "a.rs".into(), text: "x\n".repeat(lines) }], list).len()
        };
        assert_eq!([told(400, ""), told(401, "")], [0, 1]);
        assert_eq!([told(500, "500 a.rs"), told(501, "500 a.rs"), told(499, "500 a.rs")], [0, 1, 1]);
        assert_eq!(
            complaints(&[Source { path: "koji-core/schema/t.rs".into(), text: "x\n".repeat(900) }], ""),
            [""; 0]
        );
    }
}
