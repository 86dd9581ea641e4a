//! `_listapi` tells the methods and arguments that a Koji hub has.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use koji_core::client::field;
use koji_core::wire::{Value, json};
use koji_tests::{Database, TestHub};

/// The recorded list, if it is here: `KOJI_SHARED`, else `shared` beside the checkout.
fn recorded() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let shared = std::env::var_os("KOJI_SHARED").map_or(beside, PathBuf::from);
    Some(shared.join("reference/hub-api.json")).filter(|path| path.is_file())
}

/// What Koji 1.36 adds to the recorded list, which is of 1.35, and its clients call.
const NEWER: [(&str, &str); 2] =
    [("getPromotedBuild", "(build, safe=False)"), ("renameRPMSig", "(rpminfo, oldkey, newkey)")];

/// Methods by name, each with its arguments.
fn by_name(list: &Value, arguments: &str) -> BTreeMap<String, String> {
    let Value::Array(methods) = list else { panic!("no list of methods") };
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => panic!("no text: {other:?}"),
    };
    methods.iter().map(|method| (text(field(method, "name")), text(field(method, arguments)))).collect()
}

#[test]
fn methods_and_arguments_are_those_of_koji() {
    let Some(path) = recorded() else {
        println!("skipped: the recorded list of methods is not here (KOJI_SHARED)");
        return;
    };
    let recorded = json::parse(&std::fs::read(path).unwrap()).unwrap();
    let mut want = by_name(field(&recorded, "methods"), "args");
    want.extend(NEWER.map(|(name, arguments)| (name.into(), arguments.into())));
    let hub = TestHub::start(Database::Sqlite);
    let got = by_name(&hub.anonymous().call_named("_listapi", vec![], vec![]).unwrap(), "argdesc");
    let differ: Vec<String> = want
        .iter()
        .filter(|(name, arguments)| got.get(*name) != Some(*arguments))
        .map(|(name, arguments)| format!("{name}{arguments}, got {:?}", got.get(name)))
        .collect();
    assert!(differ.is_empty(), "{}", differ.join("\n"));
    let unknown: Vec<&String> = got.keys().filter(|name| !want.contains_key(*name)).collect();
    assert!(unknown.is_empty(), "methods that Koji does not have: {unknown:?}");
}
