//! A rehearsed call tells what the real one then does, and leaves nothing behind.

use std::collections::BTreeMap;

use koji_core::client::{Session, Upload, field};
use koji_core::wire::{Map, Value};
use koji_schema::Kind;
use koji_tests::{Database, Dump, DumpedRow, SourcePackage, TestHub, credentials, each_database};

fn list(items: &[&str]) -> Value {
    Value::Array(items.iter().map(|item| (*item).into()).collect())
}

fn options(members: &[(&str, Value)]) -> Map {
    members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

/// Calls in an order in which each finds what it needs.
fn calls() -> Vec<(&'static str, Vec<Value>, Map)> {
    let nothing = Map::new;
    let nvr = "tool-1-1";
    let link = options(&[
        ("parent_id", 1.into()),
        ("priority", 5.into()),
        ("maxdepth", Value::Nil),
        ("intransitive", false.into()),
        ("noconfig", false.into()),
        ("pkg_filter", "".into()),
    ]);
    let sub = |method: &str, params: &[&str]| {
        Value::Struct(options(&[("methodName", method.into()), ("params", list(params))]))
    };
    vec![
        ("createTag", vec!["base".into()], options(&[("arches", "x86_64".into())])),
        ("createTag", vec!["work".into()], options(&[("parent", "base".into()), ("locked", true.into())])),
        ("createTag", vec!["base".into()], nothing()),
        (
            "editTag2",
            vec!["work".into()],
            options(&[
                ("locked", false.into()),
                ("arches", "x86_64 i686".into()),
                ("extra", Value::Struct(options(&[("mock.new_chroot", true.into())]))),
            ]),
        ),
        ("setInheritanceData", vec!["work".into(), Value::Array(vec![Value::Struct(link)])], nothing()),
        ("packageListAdd", vec!["base".into(), "tool".into(), "alice".into()], nothing()),
        ("packageListSetOwner", vec!["base".into(), "tool".into(), "bob".into()], nothing()),
        ("packageListBlock", vec!["work".into(), "tool".into()], nothing()),
        ("packageListUnblock", vec!["work".into(), "tool".into()], nothing()),
        ("importRPM", vec!["rehearsal".into(), "tool-1-1.src.rpm".into()], nothing()),
        ("tagBuildBypass", vec!["base".into(), nvr.into()], nothing()),
        ("untagBuildBypass", vec!["base".into(), nvr.into()], nothing()),
        ("massTag", vec!["base".into(), list(&[nvr])], nothing()),
        ("tagBuild", vec!["work".into(), nvr.into()], nothing()),
        ("cancelTask", vec![1.into()], nothing()),
        ("createUser", vec!["carol".into()], nothing()),
        ("grantPermission", vec!["carol".into(), "build".into()], nothing()),
        ("disableUser", vec!["carol".into()], nothing()),
        ("addHost", vec!["other".into(), list(&["x86_64"])], nothing()),
        ("editHost", vec!["other".into()], options(&[("capacity", 4.into())])),
        ("createBuildTarget", vec!["t".into(), "work".into(), "base".into()], nothing()),
        ("groupListAdd", vec!["base".into(), "build".into()], nothing()),
        ("groupPackageListAdd", vec!["base".into(), "build".into(), "bash".into()], nothing()),
        ("groupPackageListBlock", vec!["work".into(), "build".into(), "bash".into()], nothing()),
        ("createExternalRepo", vec!["ext".into(), "http://example.com/".into()], nothing()),
        ("addExternalRepoToTag", vec!["base".into(), "ext".into(), 1.into()], nothing()),
        ("snapshotTag", vec!["base".into(), "copy".into()], nothing()),
        ("newRepo", vec!["base".into()], nothing()),
        ("distRepo", vec!["base".into(), list(&[])], options(&[("arch", list(&["x86_64"]))])),
        ("build", vec!["git://example.com/tool#1".into(), "t".into()], nothing()),
        (
            "createNotification",
            vec![2.into(), Value::Nil, Value::Nil, true.into(), "a@b.c".into()],
            nothing(),
        ),
        (
            "multiCall",
            vec![Value::Array(vec![
                sub("createTag", &["first"]),
                sub("createTag", &["first"]),
                sub("createUser", &["dave"]),
            ])],
            nothing(),
        ),
        ("deleteBuildTarget", vec!["t".into()], nothing()),
        ("untagBuildBypass", vec!["base".into(), nvr.into()], nothing()),
        ("deleteBuild", vec![nvr.into()], nothing()),
        ("resetBuild", vec![nvr.into()], nothing()),
        ("deleteTag", vec!["copy".into()], nothing()),
    ]
}

#[test]
fn a_rehearsal_tells_what_the_call_then_does() {
    each_database(|database| {
        let hub = TestHub::start_quiet(database);
        let mut admin = hub.user("kojiadmin");
        upload(&hub, &mut admin);
        for (at, (method, args, keywords)) in calls().into_iter().enumerate() {
            let before = hub.dump();
            let outcome = admin.what_if(method, args.clone(), keywords.clone());
            let after = hub.dump();
            assert_eq!(after.rows, before.rows, "{at}: {method} left rows behind");
            assert_eq!(after.files, before.files, "{at}: {method} left files behind");
            let real = admin.call_named(method, args, keywords);
            match (&outcome, &real) {
                (Ok(outcome), Ok(_)) => {
                    let made = hub.dump();
                    let (want, got) = (rows_of(&made, database), expected(before, outcome, database));
                    for (table, rows) in &want {
                        assert_eq!(got[table], *rows, "{at}: {method}, {table}; told {outcome:?}");
                    }
                    check_files(&made, outcome, method);
                }
                (Err(told), Err(error)) => assert_eq!(told.message, error.message, "{at}: {method}"),
                _ => panic!("{at}: {method}: told {outcome:?}, then {real:?}"),
            }
        }
    });
}

fn upload(hub: &TestHub, session: &mut Session) {
    let package = SourcePackage { name: "tool", version: "1", build_arch: "noarch", requires: "" };
    let rpm = package.source_rpm(&hub.scratch().join("rpms"));
    session.upload(&Upload::new(&rpm, "rehearsal"), &mut |_| ()).unwrap();
}

type Rows = BTreeMap<&'static str, Vec<DumpedRow>>;

/// The rows to compare. Sessions count their calls; clocks differ, and so do PostgreSQL's sequences, which a rollback
/// does not take back.
fn rows_of(dump: &Dump, database: Database) -> Rows {
    let mut rows = dump.rows.clone();
    rows.remove("sessions");
    for (name, rows) in &mut rows {
        rows.iter_mut().for_each(|row| mask(name, row, database));
        rows.sort();
    }
    rows
}

fn mask(table: &str, row: &mut DumpedRow, database: Database) {
    for column in koji_schema::table(table).unwrap().columns {
        let differs = match column.kind {
            Kind::Timestamp => true,
            Kind::Integer | Kind::BigInt => database == Database::Postgres,
            // the ids of rows are in the requests and labels of tasks too
            Kind::Text | Kind::Json | Kind::Jsonb => {
                database == Database::Postgres && column.name == "request"
            }
            _ => false,
        };
        if differs && row[column.name].is_some() {
            row.insert(column.name, Some("#".to_owned()));
        }
    }
}

/// The rows there would be after the changes that a rehearsal told.
fn expected(mut dump: Dump, outcome: &Value, database: Database) -> Rows {
    let events = field(outcome, "events").as_array().unwrap().iter();
    let table = dump.rows.get_mut("events").unwrap();
    events.for_each(|event| table.push(dumped("events", event)));
    for change in field(outcome, "rows").as_array().unwrap() {
        let name = field(change, "table").as_str().unwrap();
        let rows = dump.rows.get_mut(name).unwrap();
        let part = |part: &str| dumped(name, field(change, part));
        let (key, before, after) = (part("key"), part("before"), part("after"));
        let holds = |row: &DumpedRow| key.iter().chain(&before).all(|(name, value)| row[name] == *value);
        match field(change, "change").as_str().unwrap() {
            "insert" => rows.push(after),
            kind => {
                let at = rows.iter().position(holds).unwrap_or_else(|| panic!("no row of {change:?}"));
                match kind {
                    "delete" => drop(rows.remove(at)),
                    _ => rows[at].extend(after),
                }
            }
        }
    }
    rows_of(&dump, database)
}

fn dumped(table: &str, members: &Value) -> DumpedRow {
    let Value::Struct(members) = members else { panic!("{members:?}") };
    let columns = koji_schema::table(table).unwrap();
    members
        .iter()
        .map(|(name, value)| {
            let text = match value {
                Value::Nil => None,
                Value::String(text) => Some(text.clone()),
                Value::Int(value) => Some(value.to_string()),
                Value::Bool(value) => Some(value.to_string()),
                Value::Double(value) => Some(value.to_string()),
                other => panic!("{other:?}"),
            };
            (columns.column(name).unwrap().name, text)
        })
        .collect()
}

fn check_files(made: &Dump, outcome: &Value, method: &str) {
    for change in field(outcome, "files").as_array().unwrap() {
        let path = field(change, "path").as_str().unwrap();
        // the number of a repository is another one on PostgreSQL
        if path.starts_with("repos") {
            continue;
        }
        let is_there = made.files.keys().any(|name| name.trim_end_matches('/') == path);
        let is_removed = field(change, "action").as_str() == Some("remove");
        assert_eq!(is_there, !is_removed, "{method}: {change:?}");
    }
}

#[test]
fn every_door_takes_the_header() {
    let hub = TestHub::start_quiet(Database::Sqlite);
    let mut headers = credentials(&hub.user("kojiadmin"));
    headers.push(("Koji-What-If", "1".to_owned()));
    let before = hub.dump();
    let named = hub.post_json("/kojihub/createTag", &headers, r#"{"name":"x"}"#);
    assert_eq!((named.status, named.header("koji-what-if")), (200, "1"));
    let tables = |outcome: &Value| -> Vec<String> {
        let rows = field(outcome, "rows").as_array().unwrap().iter();
        rows.map(|row| field(row, "table").as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(tables(&named.json()), ["tag", "tag_config"]);
    let batch = r#"[{"id":1,"method":"createTag","params":["x"]},{"id":2,"method":"createTag","params":["x"]},
                    {"id":3,"method":"deleteTag","params":["x"]}]"#;
    let reply = hub.post_json("/kojihub", &headers, batch).json();
    let answers = reply.as_array().unwrap();
    assert_eq!(tables(field(&answers[0], "result")), ["tag", "tag_config"]);
    assert_eq!(field(field(&answers[1], "error"), "code"), &Value::Int(1000));
    assert_eq!(tables(field(&answers[2], "result")), ["tag_config"]);
    let read = hub.http("GET /kojihub/listTags", &headers, b"").json();
    assert_eq!((tables(&read).len(), field(&read, "answer")), (0, &Value::Array(vec![])));
    let mut upload = headers.clone();
    upload.push(("Content-Type", "application/octet-stream".to_owned()));
    let refused = hub.http("POST /kojihub?filename=f&filepath=d&offset=0", &upload, b"x");
    assert!(refused.text().contains("rehearsed"), "{}", refused.text());
    assert_eq!(hub.dump(), before);
}

#[test]
fn secrets_are_hidden() {
    let hub = TestHub::start_quiet(Database::Sqlite);
    let mut admin = hub.user("kojiadmin");
    let outcome = admin.what_if("subsession", vec![], vec![]).unwrap();
    let rows = field(&outcome, "rows").as_array().unwrap();
    let session = rows.iter().find(|row| field(row, "table").as_str() == Some("sessions")).unwrap();
    assert_eq!(field(field(session, "after"), "key"), &Value::from("(hidden)"));
}
