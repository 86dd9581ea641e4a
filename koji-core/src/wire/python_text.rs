//! Values as Python shows them: `str`, `repr` and `pprint`, which the text output is made of.

use super::Value;

/// The width at which pprint breaks lines.
const WIDTH: usize = 80;

/// What `print` shows.
pub fn str(value: &Value) -> String {
    match value {
        Value::String(text) | Value::DateTime(text) => text.clone(),
        other => repr(other),
    }
}

/// What `repr` shows, members in the order they came.
pub fn repr(value: &Value) -> String {
    write_repr(value, false)
}

fn write_repr(value: &Value, sorted: bool) -> String {
    match value {
        Value::Nil => "None".into(),
        Value::Bool(true) => "True".into(),
        Value::Bool(false) => "False".into(),
        Value::Int(number) => number.to_string(),
        Value::Double(number) => float(*number),
        Value::String(text) => quote(text),
        Value::Bytes(bytes) => format!("b{}", quote_bytes(bytes)),
        Value::DateTime(text) => format!("<DateTime {}>", quote(text)),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| write_repr(item, sorted)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Struct(members) => {
            let mut members: Vec<_> = members.iter().collect();
            if sorted {
                members.sort_by(|left, right| left.0.cmp(&right.0));
            }
            let members: Vec<_> = members
                .iter()
                .map(|(key, value)| format!("{}: {}", quote(key), write_repr(value, sorted)))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
    }
}

fn float(number: f64) -> String {
    let text = format!("{number:?}");
    match text.split_once('e') {
        // Python writes two digits and the sign of an exponent
        Some((mantissa, exponent)) => {
            let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |rest| ('-', rest));
            format!("{mantissa}e{sign}{digits:0>2}")
        }
        None if number.is_nan() => "nan".into(),
        None => text,
    }
}

fn quote(text: &str) -> String {
    let mark = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::with_capacity(text.len() + 2);
    out.push(mark);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == mark => out.extend(['\\', c]),
            c if (c as u32) < 0x20 || c as u32 == 0x7f => out.push_str(&format!("\\x{:02x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push(mark);
    out
}

fn quote_bytes(bytes: &[u8]) -> String {
    let mut out = String::from("'");
    for byte in bytes {
        match byte {
            b'\\' | b'\'' => out.extend(['\\', char::from(*byte)]),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            0x20..=0x7e => out.push(char::from(*byte)),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push('\'');
    out
}

/// What `pprint.pformat` shows.
pub fn pprint(value: &Value) -> String {
    let mut out = String::new();
    Printer { out: &mut out }.print(value, Place { indent: 0, allowance: 0, level: 1 });
    out
}

/// Where a value stands: how far in, how much must fit behind it, how deep.
#[derive(Clone, Copy)]
struct Place {
    indent: usize,
    allowance: usize,
    level: usize,
}

struct Printer<'a> {
    out: &'a mut String,
}

impl Printer<'_> {
    fn print(&mut self, value: &Value, at: Place) {
        let whole = write_repr(value, true);
        if whole.chars().count() + at.indent + at.allowance <= WIDTH {
            self.out.push_str(&whole);
            return;
        }
        match value {
            Value::Struct(members) if !members.is_empty() => {
                let mut members: Vec<_> = members.iter().collect();
                members.sort_by(|left, right| left.0.cmp(&right.0));
                self.out.push('{');
                for (index, (key, value)) in members.iter().enumerate() {
                    let last = index + 1 == members.len();
                    self.separate(index, at.indent + 1);
                    let key = quote(key);
                    self.out.push_str(&key);
                    self.out.push_str(": ");
                    let indent = at.indent + 1 + key.chars().count() + 2;
                    let allowance = if last { at.allowance + 1 } else { 1 };
                    self.print(value, Place { indent, allowance, level: at.level + 1 });
                }
                self.out.push('}');
            }
            Value::Array(items) if !items.is_empty() => {
                self.out.push('[');
                for (index, item) in items.iter().enumerate() {
                    let last = index + 1 == items.len();
                    self.separate(index, at.indent + 1);
                    let allowance = if last { at.allowance + 1 } else { 1 };
                    self.print(item, Place { indent: at.indent + 1, allowance, level: at.level + 1 });
                }
                self.out.push(']');
            }
            Value::String(text) if !text.is_empty() => self.print_text(text, at),
            _ => self.out.push_str(&whole),
        }
    }

    fn separate(&mut self, index: usize, indent: usize) {
        if index > 0 {
            self.out.push_str(",\n");
            self.out.push_str(&" ".repeat(indent));
        }
    }

    /// Long texts are broken at line ends and spaces, each piece quoted.
    fn print_text(&mut self, text: &str, mut at: Place) {
        if at.level == 1 {
            at.indent += 1;
            at.allowance += 1;
        }
        let chunks = text_chunks(text, at);
        if chunks.len() == 1 {
            self.out.push_str(&chunks[0]);
            return;
        }
        let joined = chunks.join(&format!("\n{}", " ".repeat(at.indent)));
        if at.level == 1 {
            self.out.push_str(&format!("({joined})"));
        } else {
            self.out.push_str(&joined);
        }
    }
}

fn text_chunks(text: &str, at: Place) -> Vec<String> {
    let width = WIDTH.saturating_sub(at.indent);
    let fits = |quoted: &str, last: bool| {
        quoted.chars().count() <= width.saturating_sub(if last { at.allowance } else { 0 })
    };
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut chunks = vec![];
    for (index, line) in lines.iter().enumerate() {
        let last_line = index + 1 == lines.len();
        if fits(&quote(line), last_line) {
            chunks.push(quote(line));
            continue;
        }
        let parts = words(line);
        let mut current = String::new();
        for (number, part) in parts.iter().enumerate() {
            let candidate = format!("{current}{part}");
            if !fits(&quote(&candidate), last_line && number + 1 == parts.len()) {
                if !current.is_empty() {
                    chunks.push(quote(&current));
                }
                current = (*part).to_owned();
            } else {
                current = candidate;
            }
        }
        if !current.is_empty() {
            chunks.push(quote(&current));
        }
    }
    chunks
}

/// Words with the spaces behind them.
fn words(line: &str) -> Vec<&str> {
    let mut words = vec![];
    let mut start = 0;
    let mut in_space = false;
    for (at, c) in line.char_indices() {
        if in_space && !c.is_whitespace() {
            words.push(&line[start..at]);
            start = at;
        }
        in_space = c.is_whitespace();
    }
    if start < line.len() {
        words.push(&line[start..]);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    macro_rules! kwargs {
        ($($name:ident = $value:expr),* $(,)?) => { vec![$((stringify!($name).to_owned(), Value::from($value))),*] };
    }

    #[test]
    fn reprs() {
        assert_eq!(repr(&Value::String("it's\n".into())), "\"it's\\n\"");
        assert_eq!(repr(&Value::Double(1.0)), "1.0");
        assert_eq!(repr(&Value::Double(1e16)), "1e+16");
        assert_eq!(repr(&Value::Array(vec![Value::Nil, Value::Bool(true)])), "[None, True]");
        assert_eq!(str(&Value::String("a".into())), "a");
    }

    #[test]
    fn short_values_stay_on_one_line_and_sort() {
        let value = Value::Struct(kwargs![b = 1, a = "x"]);
        assert_eq!(pprint(&value), "{'a': 'x', 'b': 1}");
        assert_eq!(repr(&value), "{'b': 1, 'a': 'x'}");
    }

    #[test]
    fn long_values_break_as_in_python() {
        let tag = || Value::Struct(kwargs![name = "x".repeat(30), other = "y".repeat(30)]);
        let value = Value::Array(vec![tag(), tag()]);
        let x = "x".repeat(30);
        let y = "y".repeat(30);
        let one = format!("{{'name': '{x}',\n  'other': '{y}'}}");
        assert_eq!(pprint(&value), format!("[{one},\n {one}]"));
    }

    #[test]
    fn long_texts_break_at_words() {
        let value = Value::String("word ".repeat(20));
        let text = pprint(&value);
        assert!(text.starts_with("('word word ") && text.ends_with("')"), "{text}");
        assert!(text.lines().all(|line| line.len() <= 80));
    }
}
