//! Characters and numbers as they stand in XML: what is escaped, what is left out, Python's floats.
//!
//! XML 1.0 has no way to write most control characters nor U+FFFE and U+FFFF; Python writes them all the
//! same, and then no client can read the answer. We leave them out, as Koji does itself where it cares
//! (changelogs, headers). A carriage return is written as it is, like Python does; readers make a line feed of it.

use std::io::{self, Write};

const PLAIN: u8 = 0;
const AMPERSAND: u8 = 1;
const LESS: u8 = 2;
const GREATER: u8 = 3;
const FORBIDDEN: u8 = 4;
/// The first byte of U+F000..=U+FFFF, of which the last two are forbidden.
const LEAD_EF: u8 = 5;

const CLASS: [u8; 256] = {
    let mut class = [PLAIN; 256];
    let mut byte = 0;
    while byte < 0x20 {
        if byte != b'\t' as usize && byte != b'\n' as usize && byte != b'\r' as usize {
            class[byte] = FORBIDDEN;
        }
        byte += 1;
    }
    class[b'&' as usize] = AMPERSAND;
    class[b'<' as usize] = LESS;
    class[b'>' as usize] = GREATER;
    class[0xef] = LEAD_EF;
    class
};

/// Writes text as the content of an element; see the top for what is left out.
#[inline]
pub(super) fn write_escaped<W: Write>(out: &mut W, text: &str) -> io::Result<()> {
    let bytes = text.as_bytes();
    let mut done = 0;
    let mut at = 0;
    while at < bytes.len() {
        let class = CLASS[bytes[at] as usize];
        if class == PLAIN {
            at += 1;
            continue;
        }
        let (instead, len): (&[u8], usize) = match class {
            AMPERSAND => (b"&amp;", 1),
            LESS => (b"&lt;", 1),
            GREATER => (b"&gt;", 1),
            FORBIDDEN => (b"", 1),
            _ if is_noncharacter(&bytes[at..]) => (b"", 3),
            _ => {
                at += 3;
                continue;
            }
        };
        out.write_all(&bytes[done..at])?;
        out.write_all(instead)?;
        at += len;
        done = at;
    }
    out.write_all(&bytes[done..])
}

/// Where the first character stands that XML forbids.
pub(super) fn find_forbidden(text: &str) -> Option<usize> {
    /// So many bytes are looked at together, by what compilers make vector instructions of.
    const BLOCK: usize = 64;
    let bytes = text.as_bytes();
    let suspect =
        |byte: u8| (byte < 0x20) & (byte != b'\t') & (byte != b'\n') & (byte != b'\r') | (byte == 0xef);
    let is_forbidden = |at: usize| {
        suspect(bytes[at]) && (CLASS[bytes[at] as usize] == FORBIDDEN || is_noncharacter(&bytes[at..]))
    };
    bytes.chunks(BLOCK).enumerate().find_map(|(block, chunk)| {
        if !chunk.iter().fold(false, |any, byte| any | suspect(*byte)) {
            return None;
        }
        (block * BLOCK..block * BLOCK + chunk.len()).find(|at| is_forbidden(*at))
    })
}

/// Does it start with U+FFFE or U+FFFF?
fn is_noncharacter(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xef, 0xbf, 0xbe]) || bytes.starts_with(&[0xef, 0xbf, 0xbf])
}

/// May this character stand in XML?
pub(super) fn is_allowed(c: char) -> bool {
    !matches!(c, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}')
}

/// Writes a float as Python's `repr`: the shortest digits that give it back, an exponent below 1e-4 and
/// from 1e16 on.
pub(super) fn write_float<W: Write>(out: &mut W, value: f64) -> io::Result<()> {
    if value.is_nan() {
        return out.write_all(b"nan");
    }
    if value.is_infinite() {
        return out.write_all(if value > 0.0 { b"inf" } else { b"-inf" });
    }
    if value == 0.0 || (1e-4..1e16).contains(&value.abs()) {
        // without an exponent both write the same
        return write!(out, "{value:?}");
    }
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(exponent) => ('-', exponent),
        None => ('+', exponent),
    };
    write!(out, "{digits}e{sign}{exponent:0>2}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str) -> String {
        let mut out = Vec::new();
        write_escaped(&mut out, text).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn escapes_and_leaves_out() {
        assert_eq!(escaped("a<b>&\"'c"), "a&lt;b&gt;&amp;\"'c");
        assert_eq!(
            escaped("\0a\x1b[1mb\u{fffe}\u{ffff}\u{fffd}\u{ff5e}ü\u{7f}\t\r\n"),
            "a[1mb\u{fffd}\u{ff5e}ü\u{7f}\t\r\n"
        );
        assert_eq!(find_forbidden("ü\t\n\u{fffd}ok"), None);
        assert_eq!(find_forbidden("ab\u{ffff}"), Some(2));
        assert_eq!(find_forbidden("ab\x02"), Some(2));
        let long = "ü".repeat(70);
        assert_eq!(find_forbidden(&format!("{long}\u{fffd}{long}\x1f{long}")), Some(283));
    }

    #[test]
    fn floats_are_pythons() {
        for (value, text) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (0.1, "0.1"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.5e22, "1.5e+22"),
            (1e-4, "0.0001"),
            (1e-5, "1e-05"),
            (-1.25e-300, "-1.25e-300"),
            (9007199254740993.0, "9007199254740992.0"),
            (1700000000.123457, "1700000000.123457"),
            (5e-324, "5e-324"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "nan"),
        ] {
            let mut out = Vec::new();
            write_float(&mut out, value).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), text);
        }
    }
}
