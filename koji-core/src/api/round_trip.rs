//! What a client sends is what the hub reads, for every method and every kind of value.

use super::args::{ArgKind, ArgSpec, Args};
use super::method::Entry;
use super::registry;
use crate::wire::{Map, Value};

/// What a method read of its arguments, and what it sends for that: by position and by keyword.
pub(super) type Echo = (String, Vec<Value>, Map);

/// Values of the kinds that arguments take; each of them is one of these at least.
fn samples() -> Vec<Value> {
    let member = |key: &str, value: Value| (key.to_owned(), value);
    vec![
        Value::Int(7),
        "f40-build".into(),
        "koji-1.35-2".into(),
        "koji-1.35-2.x86_64".into(),
        true.into(),
        2.5.into(),
        Value::Array(vec!["x86_64".into()]),
        Value::Array(vec![Value::Int(3)]),
        Value::Array(vec![]),
        Value::Struct(vec![member("id", Value::Int(4)), member("name", "bob".into())]),
        Value::Array(vec![Value::Struct(vec![member("old", "a@B".into()), member("new", "b@B".into())])]),
        Value::Struct(vec![member("order", "-id".into()), member("limit", Value::Int(5))]),
        Value::Nil,
    ]
}

fn names(specs: &[ArgSpec], wanted: impl Fn(&ArgKind) -> bool) -> Vec<&'static str> {
    specs.iter().filter(|spec| wanted(&spec.kind)).map(|spec| spec.name).collect()
}

/// What a method reads of arguments, and what it sends itself for that; none if it refuses them.
fn echo(entry: &Entry, positional: Vec<Value>, keywords: Map) -> Option<Echo> {
    let mut args = Args::bind(entry.name, &(entry.specs)(), positional, keywords).ok()?;
    (entry.echo)(&mut args).ok()
}

/// The first sample that each argument takes which must be given.
fn required(entry: &Entry, specs: &[ArgSpec]) -> Vec<Value> {
    let names = names(specs, |kind| matches!(kind, ArgKind::Required));
    let mut args = vec![Value::Nil; names.len()];
    // arguments are read in order, so an error about a later one means that this one was taken
    for (place, name) in names.iter().enumerate() {
        let fit = samples().into_iter().find(|sample| {
            args[place] = sample.clone();
            let mut bound = Args::bind(entry.name, specs, args.clone(), Map::new()).unwrap();
            let read = (entry.echo)(&mut bound);
            read.err().is_none_or(|error| !error.message.contains(&format!("argument {name:?}")))
        });
        assert!(fit.is_some(), "{}: no sample for {name}", entry.name);
    }
    args
}

#[test]
fn required_arguments_go_by_position_and_defaults_stay_at_home() {
    for entry in registry::all() {
        let args = required(entry, &(entry.specs)());
        let (_, positional, keywords) = echo(entry, args.clone(), Map::new()).unwrap();
        assert_eq!((positional.len(), keywords), (args.len(), Map::new()), "{}", entry.name);
    }
}

#[test]
fn what_is_sent_is_read_as_what_it_was() {
    for entry in registry::all() {
        let specs = (entry.specs)();
        let args = required(entry, &specs);
        for name in names(&specs, |kind| matches!(kind, ArgKind::Optional(_))) {
            let with = |sample| echo(entry, args.clone(), vec![(name.to_owned(), sample)]);
            let read: Vec<_> = samples().into_iter().filter_map(with).collect();
            assert!(read.iter().any(|read| !read.2.is_empty()), "{}: {name} is never sent", entry.name);
            for read in read {
                let again = echo(entry, read.1.clone(), read.2.clone());
                assert_eq!(again, Some(read), "{}: {name}", entry.name);
            }
        }
        for place in 0..args.len() {
            for sample in samples() {
                let mut args = args.clone();
                args[place] = sample;
                let Some(read) = echo(entry, args, Map::new()) else { continue };
                assert_eq!(echo(entry, read.1.clone(), read.2.clone()), Some(read), "{}", entry.name);
            }
        }
    }
}
