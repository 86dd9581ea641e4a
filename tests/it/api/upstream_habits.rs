//! What upstream's programs send that a stricter hub would refuse, and the words that they look for in a refusal.

use koji_core::Fault;
use koji_core::client::Session;
use koji_core::wire::{Map, Value};
use koji_tests::{TestHub, each_database};

fn text(word: &str) -> Value {
    Value::String(word.to_owned())
}

fn fields<const N: usize>(pairs: [(&str, Value); N]) -> Map {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn call<const N: usize>(session: &mut Session, name: &str, args: &[Value; N]) -> Value {
    session.call_named(name, args.to_vec(), vec![]).unwrap()
}

#[test]
fn a_link_takes_its_numbers_as_text() {
    each_database(|database| {
        let hub = TestHub::start(database);
        let mut admin = hub.user("kojiadmin");
        call(&mut admin, "createTag", &[text("child")]);
        let parent = call(&mut admin, "createTag", &[text("parent")]);
        let link = |priority: &str| {
            let pairs = [
                ("parent_id", parent.clone()),
                ("priority", text(priority)),
                ("maxdepth", text("3")),
                ("intransitive", Value::Bool(false)),
                ("noconfig", Value::Bool(false)),
                ("pkg_filter", text("")),
            ];
            Value::Array(vec![Value::Struct(fields(pairs))])
        };
        call(&mut admin, "setInheritanceData", &[text("child"), link("10")]);
        let Value::Array(links) = call(&mut admin, "getInheritanceData", &[text("child")]) else { panic!() };
        let Value::Struct(found) = &links[0] else { panic!() };
        let get = |name: &str| found.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        assert_eq!((get("priority"), get("maxdepth")), (Some(Value::Int(10)), Some(Value::Int(3))));
        let wrong =
            admin.call_named("setInheritanceData", vec![text("child"), link("ten")], vec![]).unwrap_err();
        assert_eq!(wrong.fault, Fault::Unforeseen);
    });
}

#[test]
fn an_order_may_name_the_column_as_in_the_statement() {
    each_database(|database| {
        let hub = TestHub::start(database);
        for (order, good) in [("buildroot.id", true), ("-host.name,id", true), ("buildroot.nothing", false)] {
            let options = Value::Struct(fields([("order", text(order))]));
            let listed =
                hub.anonymous().call_named("listBuildroots", vec![], vec![("queryOpts".to_owned(), options)]);
            assert_eq!(listed.is_ok(), good, "{order}: {listed:?}");
        }
    });
}

#[test]
fn an_unknown_keyword_is_refused_in_the_words_that_clients_look_for() {
    each_database(|database| {
        let hub = TestHub::start(database);
        for (method, args, fault) in [
            ("getTag", vec![text("t")], Fault::Parameter),
            ("getFullInheritance", vec![text("t")], Fault::Parameter),
            ("login", vec![], Fault::Unforeseen),
        ] {
            let keywords = vec![("nonsense".to_owned(), Value::Int(1))];
            let wrong = hub.anonymous().call_named(method, args, keywords).unwrap_err();
            assert_eq!(wrong.fault, fault, "{method}");
            assert!(
                wrong.message.contains("got an unexpected keyword argument 'nonsense'"),
                "{}",
                wrong.message
            );
        }
    });
}

#[test]
fn a_build_that_is_named_again_is_tagged_anew() {
    each_database(|database| {
        let hub = TestHub::start(database);
        let mut admin = hub.user("kojiadmin");
        call(&mut admin, "createTag", &[text("t")]);
        let version = |version| [text("e"), text(version), text("1"), Value::Nil];
        let builds = ["1", "2"].map(|one| call(&mut admin, "createEmptyBuild", &version(one)));
        let order = Value::Array([0, 1, 0].map(|which: usize| builds[which].clone()).to_vec());
        call(&mut admin, "massTag", &[text("t"), order]);
        let history = call(&mut admin, "queryHistory", &[Value::Array(vec![text("tag_listing")])]);
        let Some(Value::Array(history)) = history.get("tag_listing") else { panic!("{history:?}") };
        let mut seen: Vec<_> = history
            .iter()
            .map(|row| ["create_event", "build_id", "revoke_event"].map(|key| row.get(key).unwrap().as_int()))
            .collect();
        seen.sort_unstable();
        let [first, second, again] = seen[..] else { panic!("{seen:?}") };
        assert_eq!([first[1], second[1], again[1]], [0, 1, 0].map(|which: usize| builds[which].as_int()));
        assert_eq!((first[2], second[2], again[2]), (again[0], None, None));
    });
}
