//! JSON through the same door: to a [`Value`] on the way in, straight from serde on the way out.
//!
//! Whole numbers beyond 64 bits with a sign are refused up to 2^64 and become floats above. Nesting is
//! bounded by serde_json, at [`super::MAX_DEPTH`].

use std::io::Write;

use serde::Serialize;

use super::Value;
use crate::Result;

/// Reads one JSON document; members keep their order.
pub fn parse(body: &[u8]) -> Result<Value> {
    Ok(serde_json::from_slice(body)?)
}

/// Writes one JSON document without spaces. Bytes become base64, times their text.
pub fn write<T: Serialize + ?Sized, W: Write>(out: W, value: &T) -> Result<()> {
    Ok(serde_json::to_writer(out, value)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::MAX_DEPTH;

    #[test]
    fn reads_and_writes_in_order() {
        let text = r#"{"z":[1,-2.5,null,true],"a":{"s":"\u00fc"},"z2":9007199254740993}"#;
        let value = parse(text.as_bytes()).unwrap();
        assert_eq!(value.get("z2"), Some(&Value::Int(9007199254740993)));
        let mut out = Vec::new();
        write(&mut out, &value).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), text.replace("\\u00fc", "ü"));
    }

    #[test]
    fn special_types_are_strings() {
        let value =
            Value::Array(vec![Value::Bytes(b"hi".to_vec()), Value::DateTime("20240102T03:04:05".into())]);
        let mut out = Vec::new();
        write(&mut out, &value).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), r#"["aGk=","20240102T03:04:05"]"#);
    }

    #[test]
    fn refuses_depth_and_rubbish() {
        let deep = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(parse(deep(MAX_DEPTH).as_bytes()).is_ok());
        assert!(parse(deep(MAX_DEPTH + 1).as_bytes()).is_err());
        assert!(parse(b"{} x").is_err());
        assert!(parse(b"18446744073709551615").is_err());
        assert_eq!(parse(br#"{"a":1,"a":2}"#).unwrap(), Value::Struct(vec![("a".into(), 2.into())]));
    }
}
