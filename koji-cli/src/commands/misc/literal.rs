//! Python's literals: numbers, texts, None, True, False, lists, tuples and dictionaries of them. Nothing is
//! evaluated.

use koji_core::wire::{Map, Value};

/// How deep a literal may nest.
const MAX_DEPTH: usize = 100;

/// Reads a literal; none if the text is not one.
pub fn parse(text: &str) -> Option<Value> {
    let mut reader = Reader { rest: text };
    let value = reader.value(0)?;
    reader.skip_space();
    reader.rest.is_empty().then_some(value)
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, c: char) -> bool {
        self.skip_space();
        match self.rest.strip_prefix(c) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.skip_space();
        match self.rest.chars().next()? {
            '[' => self.list('[', ']', depth).map(|(items, _)| Value::Array(items)),
            '(' => {
                let (mut items, comma) = self.list('(', ')', depth)?;
                // one value in parentheses is that value
                if items.len() == 1 && !comma { items.pop() } else { Some(Value::Array(items)) }
            }
            '{' => self.dict(depth),
            '\'' | '"' => self.text().map(Value::String),
            _ => self.word(),
        }
    }

    /// The items between two brackets, and whether the last one has a comma behind it.
    fn list(&mut self, open: char, close: char, depth: usize) -> Option<(Vec<Value>, bool)> {
        self.take(open);
        let mut items = vec![];
        let mut comma = false;
        loop {
            if self.take(close) {
                return Some((items, comma));
            }
            if !items.is_empty() && !comma {
                return None;
            }
            items.push(self.value(depth + 1)?);
            comma = self.take(',');
        }
    }

    fn dict(&mut self, depth: usize) -> Option<Value> {
        self.take('{');
        let mut map: Map = vec![];
        let mut comma = true;
        loop {
            if self.take('}') {
                return Some(Value::Struct(map));
            }
            if !comma {
                return None;
            }
            let Value::String(key) = self.value(depth + 1)? else { return None };
            if !self.take(':') {
                return None;
            }
            let value = self.value(depth + 1)?;
            map.retain(|(known, _)| *known != key);
            map.push((key, value));
            comma = self.take(',');
        }
    }

    fn text(&mut self) -> Option<String> {
        let mark = self.rest.chars().next()?;
        let mut out = String::new();
        let mut chars = self.rest[1..].char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                c if c == mark => {
                    self.rest = &self.rest[1 + at + 1..];
                    return Some(out);
                }
                '\\' => match chars.next()?.1 {
                    'n' => out.push('\n'),
                    't' => out.push('\t'),
                    'r' => out.push('\r'),
                    c @ ('\\' | '\'' | '"') => out.push(c),
                    code @ ('x' | 'u') => {
                        let length = if code == 'x' { 2 } else { 4 };
                        let digits: String = chars.by_ref().take(length).map(|(_, c)| c).collect();
                        let number = u32::from_str_radix(&digits, 16).ok()?;
                        out.push(char::from_u32(number).filter(|_| digits.len() == length)?);
                    }
                    other => out.extend(['\\', other]),
                },
                '\n' => return None,
                c => out.push(c),
            }
        }
        None
    }

    fn word(&mut self) -> Option<Value> {
        let end = self.rest.find(|c: char| c.is_whitespace() || ",]})(:".contains(c));
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        match word {
            "None" => Some(Value::Nil),
            "True" => Some(Value::Bool(true)),
            "False" => Some(Value::Bool(false)),
            _ if word.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) => {
                let plain = word.replace('_', "");
                plain.parse().map(Value::Int).or_else(|_| plain.parse().map(Value::Double)).ok()
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kwargs;

    #[test]
    fn literals() {
        assert_eq!(parse("-3"), Some(Value::Int(-3)));
        assert_eq!(parse("1.5"), Some(Value::Double(1.5)));
        assert_eq!(parse(r"'it\'s\x21'"), Some(Value::String("it's!".into())));
        assert_eq!(
            parse("[1, None, (True,), (2)]"),
            Some(Value::Array(vec![
                Value::Int(1),
                Value::Nil,
                Value::Array(vec![Value::Bool(true)]),
                Value::Int(2),
            ]))
        );
        assert_eq!(parse("{'a': 1, 'b': []}"), Some(Value::Struct(kwargs![a = 1, b = Value::Array(vec![])])));
    }

    #[test]
    fn what_is_no_literal() {
        for text in ["f40", "[1", "1 2", "{1: 2}", "__import__('os')", "'a", "[1 2]"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
