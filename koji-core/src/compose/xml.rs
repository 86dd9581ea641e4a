//! Text made fit for XML 1.0. What XML cannot carry at all (most control characters) is left out.

/// Text between tags.
pub fn push_text(out: &mut String, text: &str) {
    push(out, text, |character| match character {
        '\r' => Some("&#13;"),
        _ => None,
    });
}

/// The value of an attribute, which stands in double quotes.
pub fn push_value(out: &mut String, text: &str) {
    push(out, text, |character| match character {
        '"' => Some("&quot;"),
        '\t' => Some("&#9;"),
        '\n' => Some("&#10;"),
        '\r' => Some("&#13;"),
        _ => None,
    });
}

/// ` name="value"`
pub fn push_attribute(out: &mut String, name: &str, value: &str) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    push_value(out, value);
    out.push('"');
}

/// A line with an element that holds text.
pub fn push_element(out: &mut String, indent: &str, name: &str, text: &str) {
    out.push_str(indent);
    out.push('<');
    out.push_str(name);
    out.push('>');
    push_text(out, text);
    out.push_str("</");
    out.push_str(name);
    out.push_str(">\n");
}

fn push(out: &mut String, text: &str, special: impl Fn(char) -> Option<&'static str>) {
    let mut plain = 0;
    for (at, character) in text.char_indices() {
        let instead = match character {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            // looked at first, so that common text costs one comparison
            ' '..='\u{d7ff}' if character != '"' => continue,
            _ => match special(character) {
                Some(instead) => instead,
                None if is_forbidden(character) => "",
                None => continue,
            },
        };
        out.push_str(&text[plain..at]);
        out.push_str(instead);
        plain = at + character.len_utf8();
    }
    out.push_str(&text[plain..]);
}

fn is_forbidden(character: char) -> bool {
    matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        let mut out = String::new();
        push_text(&mut out, "a<b> & \"ü\"\u{1}\n\t\r");
        assert_eq!(out, "a&lt;b&gt; &amp; \"ü\"\n\t&#13;");
        out.clear();
        push_attribute(&mut out, "n", "\"a\nb\"\u{ffff}");
        assert_eq!(out, " n=\"&quot;a&#10;b&quot;\"");
    }
}
