//! Metadata of content generators that is not quite as it should be: the fault of each, or that it is taken.

use std::fs;

use koji_core::Fault;
use koji_core::client::{Session, Upload};
use koji_core::wire::Value;
use koji_tests::{TestHub, each_database};

use super::cg::{members, metadata_of, output_with, text};

/// Puts a value at a path of keys and positions; nothing takes the member away.
fn put(metadata: &mut Value, path: &[&str], value: Option<Value>) {
    let [key, rest @ ..] = path else { return *metadata = value.unwrap_or_default() };
    match metadata {
        Value::Array(list) => put(&mut list[key.parse::<usize>().unwrap()], rest, value),
        Value::Struct(fields) if rest.is_empty() => {
            fields.retain(|(name, _)| name != key);
            fields.extend(value.map(|value| ((*key).to_owned(), value)));
        }
        Value::Struct(fields) => match fields.iter_mut().find(|(name, _)| name == key) {
            Some((_, inner)) => put(inner, rest, value),
            None => panic!("no {key} in the metadata"),
        },
        other => panic!("no {key} in {other:?}"),
    }
}

fn tool() -> Value {
    members([("name", text("gcc")), ("version", text("1"))])
}

fn import(alice: &mut Session, metadata: Value) -> Result<(), Fault> {
    let imported = alice.call_named("CGImport", vec![metadata, text("forge")], vec![]);
    imported.map(drop).map_err(|error| error.fault)
}

#[test]
fn each_flaw_has_its_fault() {
    each_database(|database| {
        let hub = TestHub::start(database);
        let mut admin = hub.user("kojiadmin");
        let grant = vec![text("alice"), text("forge"), true.into()];
        admin.call_named("grantCGAccess", grant, vec![]).unwrap();
        admin.call_named("addBType", vec![text("module")], vec![]).unwrap();
        let mut alice = hub.user("alice");
        let mut outputs = Vec::new();
        let types = members([("typeinfo", members([("module", members([]))]))]);
        for (name, kind, extra) in [("data.zip", "zip", types), ("build.log", "log", members([]))] {
            let file = hub.scratch().join(name);
            fs::write(&file, name).unwrap();
            alice.upload(&Upload::new(&file, "forge"), &mut |_| ()).unwrap();
            outputs.push(output_with("md5", &file, kind, extra));
        }
        let good = metadata_of(members([("module", members([]))]), outputs.clone(), Value::Nil);
        let list = Value::Array;
        let twice = list([outputs.clone(), vec![outputs[1].clone()]].concat());
        let flaws = [
            ("build/name", None, Fault::Generic),
            ("build/release", None, Fault::Generic),
            ("build/name", Some(text("")), Fault::Generic),
            ("build/name", Some(Value::Nil), Fault::Parameter),
            ("buildroots/0/tools", Some(list(vec![tool(), tool()])), Fault::Unforeseen),
            ("output/0/components", Some(Value::Nil), Fault::Unforeseen),
            ("build/build_id", Some(text("forged")), Fault::Generic),
            ("build/end_time", Some((1_i64 << 40).into()), Fault::Unforeseen),
            ("build/source", None, Fault::Unforeseen),
            ("build/extra/typeinfo", Some(list(vec![])), Fault::Generic),
            ("build/extra/typeinfo", Some(members([("maven", members([]))])), Fault::Generic),
            ("buildroots", Some(list(vec![])), Fault::Parameter),
            ("buildroots/0/content_generator/name", Some(Value::Nil), Fault::Parameter),
            ("buildroots/0/content_generator/name", Some(77.into()), Fault::Generic),
            ("buildroots/0/components/0/type", Some(5.into()), Fault::Generic),
            ("output/0/buildroot_id", Some(list(vec![])), Fault::Unforeseen),
            ("output/0/filename", Some(text("nothing.zip")), Fault::Unforeseen),
            ("output/0/filename", Some(text("../data.zip")), Fault::Unforeseen),
            ("output/0/filesize", Some(Value::Nil), Fault::Generic),
            ("output/0/checksum", Some(5.into()), Fault::Generic),
            ("output/0/checksum_type", Some(5.into()), Fault::Generic),
            ("output/0/extra", Some(Value::Nil), Fault::Unforeseen),
            ("output/0/extra/typeinfo", Some(5.into()), Fault::Unforeseen),
            ("output/1/type", Some(5.into()), Fault::Generic),
            ("output", Some(twice), Fault::Generic),
        ];
        for (path, value, fault) in flaws {
            let mut metadata = good.clone();
            put(&mut metadata, &path.split('/').collect::<Vec<_>>(), value.clone());
            assert_eq!(import(&mut alice, metadata), Err(fault), "{path} = {value:?}");
        }
        // What the database or Python would make something of.
        let mut metadata = good;
        for (path, value) in [
            ("build/source", 5.into()),
            ("build/epoch", text("7")),
            ("build/draft", 0.into()),
            ("build/owner", false.into()),
            ("build/build_id", text("")),
            ("buildroots/0/host/os", Value::Nil),
            ("buildroots/0/tools", Value::Nil),
            ("buildroots/0/container/type", Value::Nil),
            ("buildroots/0/container/arch", Value::Nil),
            ("output/1/components", text("of a log")),
            ("output/0/metadata_only", text("")),
            ("output/0/type", Value::Nil),
        ] {
            put(&mut metadata, &path.split('/').collect::<Vec<_>>(), Some(value));
        }
        alice.call_named("CGImport", vec![metadata, text("forge")], vec![]).unwrap();
        let build = admin.call_named("getBuild", vec![text("forged-1-1")], vec![]).unwrap();
        assert_eq!((build.get("epoch"), build.get("source")), (Some(&7.into()), Some(&text("5"))));
    });
}
