//! Text for a terminal of 80 columns.

/// How wide lines may be.
pub(super) const WIDTH: usize = 80;

/// Words in lines that are at most [`WIDTH`] wide: the first begins with one text, the others with blanks and `indent`
/// columns. A word that is longer than a line stands out.
pub(super) fn fold(first: &str, indent: usize, text: &str) -> String {
    let mut out = first.to_owned();
    let mut column = first.chars().count();
    let mut is_first = true;
    for word in text.split_whitespace() {
        let width = word.chars().count();
        if !is_first && column + 1 + width > WIDTH {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent));
            column = indent;
        } else if !is_first {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += width;
        is_first = false;
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_at_blanks() {
        let words = ["a-word"; 30].join(" ");
        let folded = fold("first: ", 4, &words);
        assert!(folded.lines().all(|line| line.chars().count() <= WIDTH));
        assert!(folded.starts_with("first: a-word a-word") && folded.contains("\n    a-word"));
        assert_eq!(folded.split_whitespace().count(), 31);
        assert_eq!(fold("x ", 2, &"y".repeat(90)).lines().count(), 1);
        assert_eq!(fold("x", 2, ""), "x\n");
    }
}
