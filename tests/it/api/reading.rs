//! Calls that only read: over connections that break, many at once, and down long chains of tags.

use std::process::Command;

use koji_core::client::{Session, field};
use koji_core::db::{Db, Insert, Query};
use koji_core::wire::Value;
use koji_tests::{Database, TestHub, each_database};

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

fn call(session: &mut Session, method: &str, args: &[Value]) -> Value {
    session.call_named(method, args.to_vec(), vec![]).unwrap_or_else(|error| panic!("{method}: {error}"))
}

fn many(session: &mut Session, calls: Vec<(&str, Vec<Value>)>) -> Vec<Value> {
    let entry = |(method, params): (&str, Vec<Value>)| {
        Value::Struct(vec![
            ("methodName".to_owned(), text(method)),
            ("params".to_owned(), Value::Array(params)),
        ])
    };
    let calls = Value::Array(calls.into_iter().map(entry).collect());
    match call(session, "multiCall", &[calls]) {
        Value::Array(answers) => answers,
        other => panic!("no list: {other:?}"),
    }
}

#[test]
fn entries_are_answered_in_order_and_each_for_itself() {
    each_database(|database| {
        let hub = TestHub::start(database);
        call(&mut hub.user("kojiadmin"), "createTag", &[text("f1")]);
        let entry = |i: i64| match i % 3 {
            0 => ("echo", vec![Value::Int(i)]),
            1 => ("getTagID", vec![text("f1")]),
            // the database itself refuses this
            _ => ("search", vec![text("("), text("package"), text("regexp")]),
        };
        for _ in 0..3 {
            let answers = many(&mut hub.anonymous(), (0..200).map(entry).collect());
            assert_eq!(answers.len(), 200);
            for (i, answer) in (0..).zip(&answers) {
                match i % 3 {
                    0 => assert_eq!(answer, &Value::Array(vec![Value::Array(vec![Value::Int(i)])])),
                    1 => assert_eq!(answer, &Value::Array(vec![Value::Int(1)])),
                    _ => assert!(field(answer, "faultCode").as_int().is_some(), "{answer:?}"),
                }
            }
        }
    });
}

#[test]
fn a_server_that_dropped_its_connections_is_no_failure() {
    each_database(|database| {
        if database == Database::Sqlite {
            return;
        }
        let hub = TestHub::start(database);
        let (mut admin, mut reader) = (hub.user("kojiadmin"), hub.anonymous());
        let ask = || (0..100).map(|_| ("getTag", vec![text("f1")])).collect();
        call(&mut admin, "createTag", &[text("f1")]);
        many(&mut reader, ask());
        for tag in ["f2", "f3"] {
            let drop = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                        WHERE datname = current_database() AND pid <> pg_backend_pid()";
            let dropped = Command::new("psql").args(["-q", hub.database(), "-c", drop]).output().unwrap();
            assert!(dropped.status.success());
            assert_eq!(field(&call(&mut reader, "getTag", &[text("f1")]), "name"), &text("f1"));
            let answers = many(&mut reader, ask());
            assert!(answers.iter().all(|answer| answer.as_array().is_some()), "{answers:?}");
            call(&mut admin, "createTag", &[text(tag)]);
        }
    });
}

#[test]
fn reading_connections_refuse_to_write() {
    each_database(|database| {
        let hub = TestHub::start(database);
        let db = Db::open(hub.database(), 1).unwrap();
        let written = db.read(|conn| Insert::into("channels").set("name", "sly").execute(conn));
        assert!(written.is_err());
        let there = db.read(|conn| Query::from("channels").filter("name = ?", "sly").exists(conn));
        assert!(!there.unwrap());
    });
}

/// Builds of packages that only the farthest of many tags lists.
#[test]
fn long_chains_of_tags_show_what_the_farthest_lists() {
    each_database(|database| {
        let hub = TestHub::start(database);
        let mut admin = hub.user("kojiadmin");
        let tags: Vec<Value> = (0..8).map(|i| text(&format!("t{i}"))).collect();
        for (i, tag) in tags.iter().enumerate().rev() {
            let parent = tags.get(i + 1).map(|parent| ("parent".to_owned(), parent.clone()));
            admin.call_named("createTag", vec![tag.clone()], parent.into_iter().collect()).unwrap();
        }
        for name in ["a", "b"] {
            call(&mut admin, "packageListAdd", &[tags[7].clone(), text(name), text("kojiadmin")]);
            call(&mut admin, "createEmptyBuild", &[text(name), text("1"), text("1"), Value::Nil]);
            call(&mut admin, "tagBuildBypass", &[tags[7].clone(), text(&format!("{name}-1-1"))]);
        }
        call(&mut admin, "packageListBlock", &[tags[1].clone(), text("b")]);
        let mut names = |method: &str, tag: &Value, options: &[(&str, Value)], key: &str| {
            let options = options.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
            let list = admin.call_named(method, vec![tag.clone()], options).unwrap();
            let mut names: Vec<String> = list
                .as_array()
                .unwrap()
                .iter()
                .map(|row| field(row, key))
                .map(|name| name.as_str().unwrap().to_owned())
                .collect();
            names.sort();
            names.join(" ")
        };
        let yes = || Value::Bool(true);
        for (tag, shown) in [(0, "a-1-1"), (2, "a-1-1 b-1-1"), (7, "a-1-1 b-1-1")] {
            let tag = &tags[tag];
            let latest = [("inherit", yes()), ("latest", yes())];
            assert_eq!(names("listTagged", tag, &[("inherit", yes())], "nvr"), shown);
            assert_eq!(names("listTagged", tag, &latest, "nvr"), shown);
            assert_eq!(names("getLatestBuilds", tag, &[], "nvr"), shown);
            assert_eq!(names("getLatestBuilds", tag, &[("package", text("a"))], "nvr"), "a-1-1");
            assert_eq!(names("listPackages", tag, &[("inherited", yes())], "package_name"), "a b");
        }
        assert_eq!(names("listTagged", &tags[7], &[("prefix", text("B"))], "nvr"), "b-1-1");
        assert_eq!(names("listTagged", &tags[0], &[], "nvr"), "");
        for (package, is_listed) in [("a", true), ("b", false)] {
            let checked = call(&mut admin, "checkTagPackage", &[tags[0].clone(), text(package)]);
            assert_eq!(checked, Value::Bool(is_listed));
        }
    });
}
