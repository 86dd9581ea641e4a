//! What Python makes of a [`Value`]: clients write Python, and Koji converts as it does.

use super::value::Value;

impl Value {
    /// What `int()` makes of it: numbers lose their fraction, text may hold an integer.
    pub fn python_int(&self) -> Option<i64> {
        match self {
            Self::Int(int) => Some(*int),
            Self::Bool(flag) => Some((*flag).into()),
            Self::Double(number) if number.is_finite() => Some(number.trunc() as i64),
            Self::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// What the database makes of it beside a column of text; lists and structs have no place there.
    pub fn column_text(&self) -> Option<String> {
        match self {
            Self::String(text) => Some(text.clone()),
            Self::Bool(flag) => Some(flag.to_string()),
            Self::Int(number) => Some(number.to_string()),
            Self::Double(number) => Some(format!("{number:?}")),
            _ => None,
        }
    }

    /// What the database makes of it in a column of booleans: text may be any beginning of `true`, `no` and the
    /// like that is not ambiguous; numbers are refused.
    pub fn column_bool(&self) -> Option<bool> {
        let text = match self {
            Self::Bool(flag) => return Some(*flag),
            Self::String(text) => text.trim().to_ascii_lowercase(),
            _ => return None,
        };
        let begins = |word: &str, least: usize| text.len() >= least && word.starts_with(&text);
        if text == "1" || begins("true", 1) || begins("yes", 1) || begins("on", 2) {
            return Some(true);
        }
        (text == "0" || begins("false", 1) || begins("no", 1) || begins("off", 2)).then_some(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn int_takes_what_python_takes() {
        assert_eq!(Value::from(" 7 ").python_int(), Some(7));
        assert_eq!(Value::from(-1.9).python_int(), Some(-1));
        assert_eq!(Value::from(true).python_int(), Some(1));
        for other in ["7.0".into(), Value::Nil, f64::NAN.into(), Value::Array(Vec::new())] {
            assert_eq!(other.python_int(), None, "{other:?}");
        }
    }

    #[test]
    fn columns_cast() {
        for (text, flag) in
            [("t", true), (" Yes ", true), ("on", true), ("1", true), ("of", false), ("N", false)]
        {
            assert_eq!(Value::from(text).column_bool(), Some(flag), "{text}");
        }
        for other in [Value::from(""), "o".into(), "maybe".into(), 1.into(), Value::Nil] {
            assert_eq!(other.column_bool(), None, "{other:?}");
        }
        assert_eq!(Value::from(1.5).column_text().as_deref(), Some("1.5"));
        assert_eq!(Value::Struct(Vec::new()).column_text(), None);
    }
}
