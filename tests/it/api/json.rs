//! The same methods by JSON: JSON-RPC with batches, methods by address, validators.

use koji_core::client::field;
use koji_core::wire::Value;
use koji_tests::{Database, TestHub, credentials, each_database};

fn int(value: &Value, name: &str) -> i64 {
    field(value, name).as_int().unwrap_or_else(|| panic!("{name} of {value:?}"))
}

#[test]
fn a_batch_is_one_transaction_of_savepoints() {
    each_database(|database| {
        let hub = TestHub::start(database);
        let session = hub.user("kojiadmin");
        let own = credentials(&session);
        let batch = r#"[
            {"jsonrpc":"2.0","id":"tag","method":"createTag","params":{"name":"one","arches":"x86_64"}},
            {"jsonrpc":"2.0","method":"createTag","params":["unanswered"]},
            {"jsonrpc":"2.0","id":3,"method":"createTag","params":["one"]},
            {"jsonrpc":"2.0","id":4,"method":"noSuchMethod"},
            {"jsonrpc":"2.0","id":5,"method":"getTag","params":["unanswered"]},
            7
        ]"#;
        let reply = hub.post_json("/kojihub", &own, batch);
        assert_eq!((reply.status, reply.header("content-type")), (200, "application/json"));
        let Value::Array(answers) = reply.json() else { panic!("{}", reply.text()) };
        let told: Vec<(String, bool)> = answers
            .iter()
            .map(|answer| (format!("{:?}", field(answer, "id")), answer.get("result").is_some()))
            .collect();
        let id = |id: Value, has_result| (format!("{id:?}"), has_result);
        let want = [
            id("tag".into(), true),
            id(3.into(), false),
            id(4.into(), false),
            id(5.into(), true),
            id(Value::Nil, false),
        ];
        assert_eq!(told, want);
        let code = |at: usize| int(field(&answers[at], "error"), "code");
        assert_eq!((code(1), code(2), code(4)), (1000, -32601, -32600));
        assert_eq!(field(field(&answers[3], "result"), "name"), &Value::from("unanswered"));
        // each entry has an event of its own
        let created = |name: &str| {
            let tables = Value::Array(vec!["tag_config".into()]);
            let keywords = vec![("tag".into(), name.into()), ("tables".into(), tables)];
            let history = hub.anonymous().call_named("queryHistory", vec![], keywords).unwrap();
            int(&field(&history, "tag_config").as_array().unwrap()[0], "create_event")
        };
        assert_ne!(created("one"), created("unanswered"));
        let notifications = r#"[{"jsonrpc":"2.0","method":"createTag","params":["two"]}]"#;
        let reply = hub.post_json("/kojihub", &own, notifications);
        assert_eq!((reply.status, reply.body.len()), (204, 0));
        assert_ne!(hub.anonymous().call_named("getTag", vec!["two".into()], vec![]).unwrap(), Value::Nil);
    });
}

#[test]
fn what_is_no_request_is_told_apart() {
    let hub = TestHub::start(Database::Sqlite);
    for (body, code) in [("{", -32700), ("[]", -32600), ("1", -32600), (r#"{"id":1,"method":"x"}"#, -32601)] {
        let reply = hub.post_json("/kojihub", &[], body);
        assert_eq!((reply.status, int(field(&reply.json(), "error"), "code")), (200, code), "{body}");
    }
    let fault = hub.post_json("/kojihub", &[], r#"{"id":1,"method":"createTag","params":["x"]}"#).json();
    assert_eq!(int(field(&fault, "error"), "code"), 1004);
}

#[test]
fn methods_have_addresses() {
    let hub = TestHub::start(Database::Sqlite);
    let own = credentials(&hub.user("kojiadmin"));
    let made =
        hub.post_json("/kojihub/createTag", &own, r#"{"name":"f40","arches":"x86_64","extra":{"a":[1]}}"#);
    assert_eq!((made.status, made.json()), (200, Value::Int(1)));
    let tag = hub.http("GET /kojihub/getTag?tagInfo=f40&strict=true", &[], b"");
    assert_eq!(tag.status, 200, "{}", tag.text());
    assert_eq!(field(&tag.json(), "arches"), &Value::from("x86_64"));
    assert_eq!(field(field(&tag.json(), "extra"), "a"), &Value::Array(vec![1.into()]));
    let counted = hub.http("GET /kojihub/count?methodName=listTags", &[], b"");
    assert_eq!((counted.status, counted.json()), (200, Value::Int(1)));
    let echoed = hub.http("GET /kojihub/echo?args=[1,%22a%22,null]", &[], b"");
    assert_eq!(echoed.json(), Value::Array(vec![1.into(), "a".into(), Value::Nil]));
    let whoami = hub.http("GET /kojihub/getLoggedInUser", &own, b"");
    assert_eq!(field(&whoami.json(), "name"), &Value::from("kojiadmin"));

    let refused = |request: &str, status: u16, fault: i64, word: &str| {
        let reply = hub.http(request, &[], b"");
        assert_eq!(reply.status, status, "{request}: {}", reply.text());
        assert_eq!(int(&reply.json(), "fault"), fault, "{request}");
        assert!(reply.text().contains(word), "{request}: {}", reply.text());
        reply
    };
    let write = refused("GET /kojihub/deleteTag?tagInfo=f40", 405, 1000, "POST");
    assert_eq!(write.header("allow"), "POST");
    refused("GET /kojihub/noSuchMethod", 404, 1000, "noSuchMethod");
    refused("GET /kojihub/getTag?tagInfo=f41&strict=true", 422, 1000, "f41");
    refused("GET /kojihub/getTag?tagInfo={1", 400, 1019, "tagInfo");
    refused("GET /kojihub/getTag?tag=f40", 400, 1019, "tag");
    refused("GET /kojihub/showOpts", 403, 1004, "admin");
    let mistyped = hub.http("GET /kojihub/listTags", &[("Koji-Session-Id", "x".to_owned())], b"");
    assert_eq!(mistyped.status, 401);
    assert_eq!(hub.http("POST /kojihub/createTag", &own, b"x").status, 415);
}

#[test]
fn a_known_answer_is_not_sent_again() {
    let hub = TestHub::start(Database::Sqlite);
    let mut admin = hub.user("kojiadmin");
    admin.call_named("createTag", vec!["f40".into()], vec![]).unwrap();
    let get = "GET /kojihub/listTags";
    let first = hub.http(get, &[], b"");
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with("W/\""), "{tag}");
    assert_eq!((first.header("cache-control"), first.status), ("no-cache", 200));
    assert!(first.header("vary").contains("Koji-Session-Id"));
    let known = [("If-None-Match", format!("\"other\", {tag}"))];
    let again = hub.http(get, &known, b"");
    assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, &*tag));
    let head = hub.http("HEAD /kojihub/listTags", &[], b"");
    assert_eq!((head.status, head.body.len(), head.header("etag")), (200, 0, &*tag));
    admin.call_named("createTag", vec!["f41".into()], vec![]).unwrap();
    let changed = hub.http(get, &known, b"");
    assert_eq!(changed.status, 200);
    assert_ne!(changed.header("etag"), tag);
    let own = hub.http(get, &credentials(&admin), b"");
    assert_eq!(own.header("cache-control"), "private, no-cache");
    assert_eq!(
        hub.http("GET /kojihub/getTag?tagInfo=x&strict=true", &[], b"").header("cache-control"),
        "no-store"
    );
}
