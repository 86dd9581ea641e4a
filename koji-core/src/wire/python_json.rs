//! JSON text as Python's `json.dumps` writes it: what the database keeps and history shows as text.

use std::fmt::Write;

use super::Value;
use crate::{Error, Result};

/// A value as text, with `", "` and `": "` between parts and all that is not ASCII escaped.
pub fn dumps(value: &Value) -> Result<String> {
    let mut out = String::new();
    write_value(&mut out, value)?;
    Ok(out)
}

fn write_value(out: &mut String, value: &Value) -> Result<()> {
    match value {
        Value::Nil => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Int(int) => out.push_str(&int.to_string()),
        Value::Double(number) => out.push_str(&float(*number)?),
        Value::String(text) => write_text(out, text),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                write_value(out, item)?;
            }
            out.push(']');
        }
        Value::Struct(members) => {
            out.push('{');
            for (at, (key, member)) in members.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                write_text(out, key);
                out.push_str(": ");
                write_value(out, member)?;
            }
            out.push('}');
        }
        Value::Bytes(_) | Value::DateTime(_) => {
            return Err(Error::unforeseen(format!("{} cannot be kept as JSON", value.kind())));
        }
    }
    Ok(())
}

fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='\u{7e}' => out.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // writing to a String does not fail
                    _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}

/// As Python's `repr`: the shortest digits that read back the same; an exponent below -4 and from 16 on.
fn float(number: f64) -> Result<String> {
    if !number.is_finite() {
        return Err(Error::unforeseen(format!("{number} cannot be kept as JSON")));
    }
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    Ok(if (-4..16).contains(&exponent) {
        format!("{number:?}")
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{digits}e{sign}{:02}", exponent.abs())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_as_python_does() {
        let value = Value::Struct(vec![
            ("z".into(), Value::Array(vec![1.into(), Value::Nil, true.into(), 2.5.into()])),
            ("a".into(), Value::Struct(vec![("ü\"\n".into(), "\u{1f600}\u{7f}".into())])),
        ]);
        let want = r#"{"z": [1, null, true, 2.5], "a": {"\u00fc\"\n": "\ud83d\ude00\u007f"}}"#;
        assert_eq!(dumps(&value).unwrap(), want);
        assert!(dumps(&Value::Bytes(vec![1])).is_err());
    }

    #[test]
    fn floats_as_python_does() {
        let cases = [
            (1.0, "1.0"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.5e-5, "1.5e-05"),
            (0.0001, "0.0001"),
            (-0.0, "-0.0"),
            (1e100, "1e+100"),
        ];
        for (number, want) in cases {
            assert_eq!(float(number).unwrap(), want);
        }
        assert!(float(f64::NAN).is_err());
    }
}
