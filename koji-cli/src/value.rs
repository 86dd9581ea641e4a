//! Reading answers and making arguments without ceremony: an absent member is nil, a nil text is empty.

use koji_core::wire::{Map, Value};

use crate::python;

const NIL: &Value = &Value::Nil;

/// Reading a value.
pub trait View {
    /// A member; nil if it is not there.
    fn at(&self, name: &str) -> &Value;
    /// A member's text; empty if it is none.
    fn str(&self, name: &str) -> &str;
    /// A member as Python prints it.
    fn show(&self, name: &str) -> String;
    /// A member's number; 0 if it is none.
    fn int(&self, name: &str) -> i64;
    /// A member's number, whole or not; 0 if it is none.
    fn float(&self, name: &str) -> f64;
    /// Whether a member is there and Python would take it for true.
    fn has(&self, name: &str) -> bool;
    /// The items of a list; none if it is no list.
    fn items(&self) -> &[Value];
    /// The items of a member.
    fn list(&self, name: &str) -> &[Value];
    /// The name-version-release of a build or rpm.
    fn nvr(&self) -> String;
}

impl View for Value {
    fn at(&self, name: &str) -> &Value {
        self.get(name).unwrap_or(NIL)
    }

    fn str(&self, name: &str) -> &str {
        self.at(name).as_str().unwrap_or("")
    }

    fn show(&self, name: &str) -> String {
        python::str(self.at(name))
    }

    fn int(&self, name: &str) -> i64 {
        self.at(name).as_int().unwrap_or(0)
    }

    fn float(&self, name: &str) -> f64 {
        self.at(name).as_f64().unwrap_or(0.0)
    }

    fn has(&self, name: &str) -> bool {
        self.at(name).is_true()
    }

    fn items(&self) -> &[Value] {
        self.as_array().unwrap_or(&[])
    }

    fn list(&self, name: &str) -> &[Value] {
        self.at(name).items()
    }

    fn nvr(&self) -> String {
        let name = if self.has("package_name") { self.str("package_name") } else { self.str("name") };
        format!("{name}-{}-{}", self.str("version"), self.str("release"))
    }
}

/// Sets a member of a struct, whatever was there.
pub fn set(value: &mut Value, name: &str, new: impl Arg) {
    if let Value::Struct(map) = value {
        match map.iter_mut().find(|(key, _)| key == name) {
            Some((_, old)) => *old = new.arg(),
            None => map.push((name.to_owned(), new.arg())),
        }
    }
}

/// An item of a list; nil if it is not there.
pub fn item_at(value: &Value, place: usize) -> &Value {
    value.items().get(place).unwrap_or(NIL)
}

/// The items of a list, sorted by a text in them.
pub fn sorted_by(value: Value, name: &str) -> Vec<Value> {
    let mut items = into_items(value);
    items.sort_by(|left, right| left.str(name).cmp(right.str(name)));
    items
}

/// The items of a list; none if it is no list.
pub fn into_items(value: Value) -> Vec<Value> {
    if let Value::Array(items) = value { items } else { vec![] }
}

/// What may be an argument of a call.
pub trait Arg {
    /// As a value.
    fn arg(self) -> Value;
}

impl Arg for Value {
    fn arg(self) -> Value {
        self
    }
}

impl Arg for &Value {
    fn arg(self) -> Value {
        self.clone()
    }
}

impl Arg for &str {
    fn arg(self) -> Value {
        Value::String(self.to_owned())
    }
}

impl Arg for &String {
    fn arg(self) -> Value {
        Value::String(self.clone())
    }
}

impl Arg for String {
    fn arg(self) -> Value {
        Value::String(self)
    }
}

impl Arg for i64 {
    fn arg(self) -> Value {
        Value::Int(self)
    }
}

impl Arg for f64 {
    fn arg(self) -> Value {
        Value::Double(self)
    }
}

impl Arg for bool {
    fn arg(self) -> Value {
        Value::Bool(self)
    }
}

impl<T: Arg> Arg for Option<T> {
    fn arg(self) -> Value {
        self.map_or(Value::Nil, Arg::arg)
    }
}

impl<'a, T> Arg for &'a [T]
where
    &'a T: Arg,
{
    fn arg(self) -> Value {
        Value::Array(self.iter().map(Arg::arg).collect())
    }
}

impl<'a, T> Arg for &'a Vec<T>
where
    &'a T: Arg,
{
    fn arg(self) -> Value {
        self.as_slice().arg()
    }
}

impl Arg for Map {
    fn arg(self) -> Value {
        Value::Struct(self)
    }
}

/// Adds a keyword argument.
pub fn put(map: &mut Map, name: &str, value: impl Arg) {
    map.push((name.to_owned(), value.arg()));
}

/// Positional arguments.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::value::Arg::arg($value)),*] };
}

/// Keyword arguments.
#[macro_export]
macro_rules! kwargs {
    ($($name:ident = $value:expr),* $(,)?) => {
        vec![$((stringify!($name).to_owned(), $crate::value::Arg::arg($value))),*]
    };
}

/// A line of output.
#[macro_export]
macro_rules! line {
    ($ctx:expr) => { writeln!($ctx.out)? };
    ($ctx:expr, $($format:tt)+) => { writeln!($ctx.out, $($format)+)? };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_read_and_set() {
        let mut tag = Value::Struct(kwargs![name = "f40", id = 3, perm = None::<String>]);
        assert_eq!((tag.str("name"), tag.int("id"), tag.show("perm").as_str()), ("f40", 3, "None"));
        assert!(!tag.has("perm") && tag.at("absent").is_nil());
        set(&mut tag, "id", 4);
        set(&mut tag, "arches", "x86_64");
        assert_eq!((tag.int("id"), tag.str("arches")), (4, "x86_64"));
    }
}
