//! Responses in the very form that hubs write, Koji's and ours: large ones are read several times faster than XML of
//! any form. Whatever looks different, even by a space, is left to the reader of `xml_read.rs`, which judges it.

use std::borrow::Cow;

use super::text::find_forbidden;
use super::value::without_duplicates;
use super::{MAX_DEPTH, Map, Value};

/// The value of a response; none if it is a fault or not in this form.
pub(super) fn response(body: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(body).ok()?;
    if find_forbidden(text).is_some() {
        return None;
    }
    let mut reader = Plain { rest: text, members: 0 };
    reader.skip("<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n")?;
    let value = reader.value(0)?;
    reader.skip("</param>\n</params>\n</methodResponse>\n")?;
    reader.rest.is_empty().then_some(value)
}

struct Plain<'a> {
    rest: &'a str,
    /// How many the last struct had: those of a list have the same.
    members: usize,
}

impl<'a> Plain<'a> {
    fn skip(&mut self, text: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(text)?;
        Some(())
    }

    fn takes(&mut self, text: &str) -> bool {
        self.skip(text).is_some()
    }

    /// What stands before this end tag.
    fn text(&mut self, end: &str) -> Option<Cow<'a, str>> {
        let (text, _) = self.rest.split_at(memchr::memchr(b'<', self.rest.as_bytes())?);
        self.rest = &self.rest[text.len()..];
        self.skip(end)?;
        match memchr::memchr2(b'&', b'\r', text.as_bytes()) {
            None => Some(Cow::Borrowed(text)),
            Some(_) => unescaped(text).map(Cow::Owned),
        }
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        self.skip("<value><")?;
        let value = if self.takes("string>") {
            Value::String(self.text("</string>")?.into_owned())
        } else if self.takes("int>") {
            Value::Int(self.text("</int>")?.parse().ok()?)
        } else if self.takes("nil/>") {
            self.skip("</value>")?;
            // Koji puts no line feed after it
            self.takes("\n");
            return Some(Value::Nil);
        } else if self.takes("boolean>") {
            let is_true = self.takes("1");
            self.skip(if is_true { "</boolean>" } else { "0</boolean>" })?;
            Value::Bool(is_true)
        } else if self.takes("struct>\n") {
            self.members(depth)?
        } else if self.takes("array><data>\n") {
            self.array(depth)?
        } else if self.takes("double>") {
            Value::Double(self.text("</double>")?.parse().ok()?)
        } else if self.takes("i8>") {
            Value::Int(self.text("</i8>")?.parse().ok()?)
        } else {
            return None;
        };
        self.skip("</value>\n")?;
        Some(value)
    }

    fn array(&mut self, depth: usize) -> Option<Value> {
        if depth == MAX_DEPTH {
            return None;
        }
        let mut items = Vec::new();
        while !self.takes("</data></array>") {
            items.push(self.value(depth + 1)?);
        }
        Some(Value::Array(items))
    }

    fn members(&mut self, depth: usize) -> Option<Value> {
        if depth == MAX_DEPTH {
            return None;
        }
        let mut members = Map::with_capacity(self.members);
        while !self.takes("</struct>") {
            self.skip("<member>\n<name>")?;
            let name = self.text("</name>\n")?.into_owned();
            members.push((name, self.value(depth + 1)?));
            self.skip("</member>\n")?;
        }
        self.members = members.len();
        Some(Value::Struct(without_duplicates(members)))
    }
}

/// Text with what hubs write in the place of markup.
fn unescaped(text: &str) -> Option<String> {
    if text.contains('\r') {
        return None;
    }
    let mut all = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        let (before, from) = rest.split_at(at);
        all.push_str(before);
        let (c, entity) = [('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;")]
            .into_iter()
            .find(|(_, entity)| from.starts_with(entity))?;
        all.push(c);
        rest = &from[entity.len()..];
    }
    all.push_str(rest);
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Option<Value> {
        response(
            format!(
                "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n{value}</param>\n</params>\n</methodResponse>\n"
            )
            .as_bytes(),
        )
    }

    #[test]
    fn what_hubs_write_is_read() {
        let list = "<value><array><data>\n<value><nil/></value><value><boolean>1</boolean></value>\n\
                    <value><string>a &lt;b&gt; &amp;amp; ü</string></value>\n</data></array></value>\n";
        let wanted = Value::Array(vec![Value::Nil, true.into(), "a <b> &amp; ü".into()]);
        assert_eq!(read(list), Some(wanted));
    }

    #[test]
    fn anything_else_is_left_to_others() {
        for other in [
            "<value><string>a &quot;</string></value>\n",
            "<value><string>a\r\n</string></value>\n",
            "<value><string>a<!-- --></string></value>\n",
            "<value><int> 1</int></value>\n",
            "<value ><int>1</int></value>\n",
            "<value>a</value>\n",
            "<value><boolean>2</boolean></value>\n",
            "<value><int>1</int></value>\n<value><int>1</int></value>\n",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
