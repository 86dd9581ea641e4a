//! [`Letter`]: a mail, and how it looks on the wire.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The most bytes of text in one encoded word: its name and marks have their place in the 75 there may be.
const WORD_BYTES: usize = 45;

/// A mail in plain text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Letter {
    /// Who sends it, with or without a name before the address.
    pub from: String,
    /// The addresses of those who get it.
    pub to: Vec<String>,
    /// What it is about.
    pub subject: String,
    /// More headers.
    pub headers: Vec<(&'static str, String)>,
    /// The text, its lines ended in any way.
    pub body: String,
}

impl Letter {
    /// Headers and text, each line ended by CR and LF; dots are not doubled yet.
    pub fn text(&self) -> String {
        let mut out = String::new();
        let mut push = |name: &str, value: &str| {
            out.push_str(&format!("{name}: {value}\r\n"));
        };
        push("From", &mailbox(&self.from));
        push("Subject", &encoded(&self.subject));
        push("To", &encoded(&self.to.join(", ")));
        self.headers.iter().for_each(|(name, value)| push(name, &encoded(value)));
        push("MIME-Version", "1.0");
        push("Content-Type", "text/plain; charset=\"utf-8\"");
        push("Content-Transfer-Encoding", if self.body.is_ascii() { "7bit" } else { "8bit" });
        out.push_str("\r\n");
        for line in self.body.lines() {
            out.push_str(line.trim_end_matches('\r'));
            out.push_str("\r\n");
        }
        out
    }
}

/// A sender: the name may be encoded, the address not.
fn mailbox(text: &str) -> String {
    match text.split_once('<') {
        Some((name, address)) if !name.trim().is_empty() => {
            format!("{} <{}", encoded(name.trim()), encoded(address))
        }
        _ => encoded(text),
    }
}

/// A header's value on one line; what is not ASCII as encoded words (RFC 2047).
fn encoded(value: &str) -> String {
    let line: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if line.is_ascii() {
        return line;
    }
    let (mut words, mut word) = (vec![], String::new());
    for c in line.chars() {
        if word.len() + c.len_utf8() > WORD_BYTES {
            words.push(std::mem::take(&mut word));
        }
        word.push(c);
    }
    words.push(word);
    let marked = |word: &String| format!("=?utf-8?b?{}?=", STANDARD.encode(word));
    words.iter().map(marked).collect::<Vec<_>>().join("\r\n ")
}

/// The address alone, of `Name <address>` or of an address. None if it could be taken for something else.
pub(super) fn address(text: &str) -> Option<&str> {
    let inner = match text.rsplit_once('<') {
        Some((_, rest)) => rest.strip_suffix('>').or_else(|| rest.trim_end().strip_suffix('>'))?,
        None => text.trim(),
    };
    let odd = |c: char| c.is_control() || c.is_whitespace() || c == '<' || c == '>';
    (!inner.is_empty() && !inner.contains(odd)).then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_stay_on_their_lines() {
        let letter = Letter {
            from: "Koji <k@example.com>".into(),
            to: vec!["a@example.com".into(), "b@example.com".into()],
            subject: "evil\r\nBcc: c@example.com".into(),
            headers: vec![("X-Koji-NVR", "foo-1-1".into())],
            body: "one\r\ntwo\nthree".into(),
        };
        let text = letter.text();
        assert!(text.starts_with(
            "From: Koji <k@example.com>\r\nSubject: evil  Bcc: c@example.com\r\nTo: a@example.com, b@example.com\r\n\
             X-Koji-NVR: foo-1-1\r\nMIME-Version: 1.0\r\n"
        ));
        assert!(text.ends_with("7bit\r\n\r\none\r\ntwo\r\nthree\r\n"));
    }

    #[test]
    fn other_scripts_are_encoded() {
        assert_eq!(encoded("Grüße"), "=?utf-8?b?R3LDvMOfZQ==?=");
        assert!(encoded(&"ä".repeat(50)).lines().all(|line| line.len() <= 76));
        assert_eq!(mailbox("Grüße <g@example.com>"), "=?utf-8?b?R3LDvMOfZQ==?= <g@example.com>");
        let body = Letter { body: "Grüße".into(), ..Letter::default() }.text();
        assert!(body.contains("Content-Transfer-Encoding: 8bit\r\n\r\nGrüße\r\n"));
    }

    #[test]
    fn addresses_are_found_in_names() {
        assert_eq!(address("Koji Build System <b@example.com>"), Some("b@example.com"));
        assert_eq!(address(" b@example.com "), Some("b@example.com"));
        for odd in ["", "a b@c", "x\r\nDATA", "<a@b", "<>", "<a@b> more"] {
            assert_eq!(address(odd), None, "{odd:?}");
        }
    }
}
