//! Bad input gets a clear error, and nothing is lost.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use koji_core::Fault;
use koji_core::client::Upload;
use koji_core::wire::Value;
use koji_tests::{Database, TestHub, each_database};

fn post(hub: &TestHub, head: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(hub.address()).unwrap();
    write!(
        stream,
        "POST /kojihub HTTP/1.1\r\nHost: hub\r\nConnection: close\r\nContent-Type: text/xml\r\n{head}\r\n"
    )
    .unwrap();
    // The hub may answer and close before it has read everything.
    drop(stream.write_all(body));
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer));
    String::from_utf8_lossy(&answer).into_owned()
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

#[test]
fn broken_bodies_are_told_apart() {
    let hub = TestHub::start(Database::Sqlite);
    let cut = b"<?xml version='1.0'?><methodCall><methodName>echo</methodName><params><param><value><stri";
    let answer = post(&hub, &format!("Content-Length: {}\r\n", cut.len()), cut);
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("Invalid request"), "{answer}");
    let answer = post(&hub, "Content-Length: 0\r\n", b"");
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("empty"), "{answer}");
    let answer = post(&hub, "Content-Length: 1073741824\r\n", b"<");
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("MaxRequestLength"), "{answer}");
    let deep = "<value><array><data>".repeat(100_000);
    let body = format!("<methodCall><methodName>echo</methodName><params><param>{deep}");
    let answer = post(&hub, &format!("Content-Length: {}\r\n", body.len()), body.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    let echoed = hub.anonymous().call_named("echo", vec![text("still here")], vec![]).unwrap();
    assert_eq!(echoed, Value::Array(vec![text("still here")]));
}

#[test]
fn unknown_names_and_wrong_arguments_are_named() {
    each_database(|database| {
        let hub = TestHub::start(database);
        let mut anonymous = hub.anonymous();
        let mut fault =
            |method: &str, args: Vec<Value>| anonymous.call_named(method, args, vec![]).unwrap_err();
        let error = fault("noSuchMethod", vec![]);
        assert!(error.fault == Fault::Generic && error.message.contains("noSuchMethod"), "{error}");
        let error = fault("getTag", vec![]);
        assert!(error.fault == Fault::Parameter && error.message.contains("tagInfo"), "{error}");
        let error = fault("getTag", vec![Value::Double(1.5)]);
        assert_eq!(error.fault, Fault::Parameter, "{error}");
        let error = fault("getTag", vec![text("nowhere"), Value::Bool(true)]);
        assert!(error.fault == Fault::Generic && error.message.contains("nowhere"), "{error}");
        let error = fault("createTag", vec![text("mine")]);
        assert!(error.fault == Fault::NotAllowed && error.message.contains("not logged in"), "{error}");
    });
}

#[test]
fn no_path_leads_out_of_the_top_directory() {
    let hub = TestHub::start(Database::Sqlite);
    let mut admin = hub.user("kojiadmin");
    let local = hub.scratch().join("file");
    std::fs::write(&local, "data").unwrap();
    for (dir, name) in
        [("../../etc", "x"), ("a/../../b", "x"), ("/etc", "x"), ("a", "../x"), ("a", ".."), ("", "..")]
    {
        let mut upload = Upload::new(&local, dir);
        upload.name = Some(name);
        let refused = admin.upload(&upload, &mut |_| ());
        assert!(refused.is_err(), "an upload to {dir:?}/{name:?} was taken");
    }
    let error = admin.call_named("importRPM", vec![text("../../etc"), text("passwd")], vec![]).unwrap_err();
    assert!(!error.message.contains("root:"), "{error}");
    assert!(!hub.scratch().join("x").exists() && !hub.topdir().join("x").exists());
    for path in ["/kojifiles/../hub.db", "/kojifiles/%2e%2e/hub.db", "/kojifiles/..%2fhub.db"] {
        let mut stream = TcpStream::connect(hub.address()).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 4"), "{path}: {answer}");
    }
}
