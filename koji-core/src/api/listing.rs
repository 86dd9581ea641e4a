//! What the registry tells about its methods: `_listapi` and `system.methodHelp`.

use serde::Serialize;

use super::args::{ArgKind, ArgSpec};
use super::method::Entry;
use super::registry;
use crate::wire::Value;

/// One method in the answer of `_listapi`.
#[derive(Clone, Debug, Serialize)]
pub struct Listed {
    name: &'static str,
    doc: Option<&'static str>,
    /// As Python's `inspect.getfullargspec` tells it.
    argspec: ArgSpecTuple,
    argdesc: String,
    /// Names, and pairs of name and default.
    args: Vec<Value>,
}

/// Names, `*args`, `**kwargs`, defaults; then what only Python's functions have.
type ArgSpecTuple = (
    Vec<&'static str>,
    Option<&'static str>,
    Option<&'static str>,
    Option<Vec<Value>>,
    [(); 0],
    Option<()>,
    Empty,
);

#[derive(Clone, Debug, Serialize)]
struct Empty {}

/// Every method but those that answer about methods.
pub fn list() -> Vec<Listed> {
    registry::all().map(describe).collect()
}

/// The methods that no Koji has.
pub fn list_own() -> Vec<Listed> {
    registry::own().map(describe).collect()
}

/// The argument list of a method as Python writes it: `(tag_info, strict=False)`.
pub fn signature(specs: &[ArgSpec]) -> String {
    let args: Vec<String> = specs
        .iter()
        .map(|spec| match &spec.kind {
            ArgKind::Required => spec.name.to_owned(),
            ArgKind::Optional(default) => format!("{}={}", spec.name, python(default)),
            ArgKind::Rest => format!("*{}", spec.name),
            ArgKind::Keywords => format!("**{}", spec.name),
        })
        .collect();
    format!("({})", args.join(", "))
}

fn describe(entry: &Entry) -> Listed {
    let specs = (entry.specs)();
    let mut names = Vec::new();
    let (mut defaults, mut args) = (Vec::new(), Vec::new());
    let (mut rest, mut keywords) = (None, None);
    for spec in &specs {
        let name = || Value::String(spec.name.to_owned());
        match &spec.kind {
            ArgKind::Required => (names.push(spec.name), args.push(name())),
            ArgKind::Optional(default) => {
                defaults.push(default.clone());
                (names.push(spec.name), args.push(Value::Array(vec![name(), default.clone()])))
            }
            ArgKind::Rest => (rest = Some(spec.name), args.push(name())),
            ArgKind::Keywords => (keywords = Some(spec.name), args.push(name())),
        };
    }
    let defaults = (!defaults.is_empty()).then_some(defaults);
    Listed {
        name: entry.name,
        doc: (!entry.doc.is_empty()).then_some(entry.doc),
        argspec: (names, rest, keywords, defaults, [], None, Empty {}),
        argdesc: signature(&specs),
        args,
    }
}

/// A default as Python writes it.
pub(super) fn python(value: &Value) -> String {
    match value {
        Value::Nil => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Int(value) => value.to_string(),
        Value::Double(value) => format!("{value:?}"),
        Value::String(text) | Value::DateTime(text) => {
            format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n"))
        }
        Value::Bytes(_) => "b''".to_owned(),
        Value::Array(list) => format!("[{}]", list.iter().map(python).collect::<Vec<_>>().join(", ")),
        Value::Struct(members) => {
            let pairs: Vec<String> =
                members.iter().map(|(key, value)| format!("'{key}': {}", python(value))).collect();
            format!("{{{}}}", pairs.join(", "))
        }
    }
}
