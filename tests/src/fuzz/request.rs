//! Requests that are nearly right: any method with arguments of any type, and bodies that were tampered with.

use koji_core::api::args::{ArgKind, ArgSpec};
use koji_core::api::registry;
use koji_core::wire::{self, Map, Value};

use super::Random;

/// Texts that have made programs stumble, and names of what is there.
const TEXTS: [&str; 30] = [
    "",
    " ",
    "f-tag",
    "f-build",
    "f-target",
    "f-pkg",
    "f-pkg-1-1",
    "kojiadmin",
    "builder",
    "default",
    "DEFAULT",
    "noarch",
    "x86_64",
    "x86_64 i386",
    "maven",
    "image",
    "last",
    "-1",
    "1",
    "99999999999999999999",
    "NaN",
    "'; DROP TABLE users; --",
    "%' OR 1=1",
    "../../etc/passwd",
    "/",
    "a\u{0}b",
    "\u{fc}\u{1f600}\u{202e}",
    "*[a-",
    "(((((",
    "2024-01-01 00:00:00",
];
const INTS: [i64; 12] = [
    0,
    1,
    2,
    3,
    7,
    -1,
    i32::MAX as i64,
    i32::MAX as i64 + 1,
    i32::MIN as i64 - 1,
    1 << 40,
    i64::MAX,
    i64::MIN,
];
/// Keys that methods look for in structs.
const KEYS: [&str; 24] = [
    "id",
    "name",
    "version",
    "release",
    "epoch",
    "order",
    "limit",
    "offset",
    "countOnly",
    "group",
    "asList",
    "state",
    "owner",
    "parent",
    "method",
    "arch",
    "extra",
    "task_id",
    "tag",
    "checksum",
    "__starstar",
    "methodName",
    "params",
    "",
];

/// The body of a request, sound or not.
pub fn body(random: &mut Random) -> Vec<u8> {
    let mut body = sound(random);
    if random.once_in(4) {
        for _ in 0..=random.below(4) {
            tamper(random, &mut body);
        }
    }
    body
}

fn sound(random: &mut Random) -> Vec<u8> {
    let (method, params) = if random.once_in(12) {
        let calls = (0..random.below(4)).map(|_| {
            let (method, params) = call(random);
            let entry =
                vec![("methodName".to_owned(), method.into()), ("params".to_owned(), Value::Array(params))];
            if random.once_in(10) { value(random, 2) } else { Value::Struct(entry) }
        });
        ("multiCall".to_owned(), vec![Value::Array(calls.collect())])
    } else {
        call(random)
    };
    wire::request_text(&method, &params).map(String::into_bytes).unwrap_or_default()
}

fn call(random: &mut Random) -> (String, Vec<Value>) {
    let entries: Vec<_> = registry::all().collect();
    let entry = *random.pick(&entries);
    let (mut positional, mut named) = (Vec::new(), Map::new());
    for spec in (entry.specs)() {
        add(random, &spec, &mut positional, &mut named);
    }
    if random.once_in(20) {
        positional.push(value(random, 0));
    }
    if random.once_in(20) {
        named.push((text(random), value(random, 0)));
    }
    (entry.name.to_owned(), wire::encode_args(positional, named))
}

fn add(random: &mut Random, spec: &ArgSpec, positional: &mut Vec<Value>, named: &mut Map) {
    match &spec.kind {
        ArgKind::Required if random.once_in(40) => {}
        ArgKind::Required => positional.push(value(random, 0)),
        ArgKind::Optional(_) if random.once_in(3) => named.push((spec.name.to_owned(), value(random, 0))),
        ArgKind::Optional(_) => {}
        ArgKind::Rest => positional.extend((0..random.below(3)).map(|_| value(random, 0))),
        ArgKind::Keywords => named.extend((0..random.below(3)).map(|_| (text(random), value(random, 0)))),
    }
}

/// A value of any type; deeper ones are plainer.
fn value(random: &mut Random, depth: usize) -> Value {
    match random.below(if depth < 4 { 16 } else { 11 }) {
        0 => Value::Nil,
        1 => Value::Bool(random.once_in(2)),
        2..=5 => {
            Value::Int(if random.once_in(8) { random.number().cast_signed() } else { *random.pick(&INTS) })
        }
        6 => Value::Double(*random.pick(&[0.0, -1.5, 1e308, 2.0, 1e-300])),
        7..=9 => text(random).into(),
        10 => Value::Bytes(random.number().to_le_bytes().to_vec()),
        11..=13 => Value::Array((0..random.below(4)).map(|_| value(random, depth + 1)).collect()),
        _ => Value::Struct((0..random.below(4)).map(|_| (key(random), value(random, depth + 1))).collect()),
    }
}

fn key(random: &mut Random) -> String {
    if random.once_in(8) { text(random) } else { (*random.pick(&KEYS)).to_owned() }
}

fn text(random: &mut Random) -> String {
    match random.below(40) {
        0 => "x".repeat(random.below(5_000)),
        1 => "(".repeat(random.below(2_000)),
        2 => char::from_u32(random.below(0x11_0000) as u32).map(String::from).unwrap_or_default(),
        _ => (*random.pick(&TEXTS)).to_owned(),
    }
}

/// Changes a body as a broken client or line would.
fn tamper(random: &mut Random, body: &mut Vec<u8>) {
    const PIECES: [&str; 12] = [
        "<value>",
        "</value>",
        "<array><data>",
        "<struct>",
        "<nil/>",
        "<int>",
        "&#x41;",
        "&bad;",
        "<![CDATA[",
        "-->",
        "<!DOCTYPE x [",
        "<i8>9",
    ];
    let at = random.below(body.len() + 1);
    match random.below(6) {
        0 => body.truncate(at),
        1 => body.insert(at, random.number() as u8),
        2 if at < body.len() => body[at] = random.number() as u8,
        3 if at < body.len() => drop(body.remove(at)),
        4 => {
            let end = (at + random.below(200)).min(body.len());
            let piece = body[at..end].to_vec();
            let place = random.below(body.len() + 1);
            drop(body.splice(place..place, piece));
        }
        _ => drop(body.splice(at..at, random.pick(&PIECES).bytes())),
    }
}
