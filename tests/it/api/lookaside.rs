//! The lookaside cache: uploads in dist-git's form, what is refused, and the files again.

use koji_core::digest::Digest;
use koji_tests::{Database, Reply, TestHub, credentials};

/// `alice:pw-alice`
const ALICE: &str = "Basic YWxpY2U6cHctYWxpY2U=";

const CONTENT: &str = "0123456789";

fn sum(kind: &str, text: &str) -> String {
    let mut digest = Digest::of_kind(kind).unwrap();
    digest.update(text.as_bytes());
    digest.hex()
}

/// Posts fields; one whose name is `file` comes as `data.tar`.
fn post(hub: &TestHub, headers: &[(&str, String)], fields: &[(&str, &str)]) -> Reply {
    let mut body = String::new();
    for (name, value) in fields {
        let file = if *name == "file" { "; filename=\"data.tar\"" } else { "" };
        let head = format!("Content-Disposition: form-data; name=\"{name}\"{file}");
        body.push_str(&format!("--XX\r\n{head}\r\n\r\n{value}\r\n"));
    }
    body.push_str("--XX--\r\n");
    let mut all = vec![("Content-Type", "multipart/form-data; boundary=XX".to_owned())];
    all.extend_from_slice(headers);
    hub.http("POST /lookaside/upload.cgi", &all, body.as_bytes())
}

#[test]
fn files_are_kept_as_they_came() {
    let hub = TestHub::start_with_lookaside(Database::Sqlite);
    let hash = sum("sha512", CONTENT);
    let alice = [("Authorization", ALICE.to_owned())];
    let ask = || post(&hub, &alice, &[("name", "foo"), ("sha512sum", &hash), ("filename", "data.tar")]);
    assert_eq!((ask().status, ask().text()), (200, "Missing".to_owned()));

    // the order of the fields does not matter, and a session is as good as a password
    let fields = [("file", CONTENT), ("mtime", "1"), ("name", "foo"), ("sha512sum", &*hash)];
    let stored = post(&hub, &credentials(&hub.user("bob")), &fields);
    assert_eq!((stored.status, stored.text()), (200, "New file stored\n".to_owned()));
    assert_eq!(ask().text(), "Available");
    let again = post(&hub, &alice, &fields);
    assert_eq!((again.status, again.text()), (200, "This file was there already\n".to_owned()));

    let path = format!("/lookaside/foo/data.tar/sha512/{hash}/data.tar");
    let got = hub.http(&format!("GET {path}"), &[], b"");
    assert_eq!((got.status, got.text()), (200, CONTENT.to_owned()));
    let rest = hub.http(&format!("GET {path}"), &[("Range", "bytes=4-".to_owned())], b"");
    assert_eq!((rest.status, rest.text()), (206, "456789".to_owned()));
    assert_eq!(rest.header("content-range"), "bytes 4-9/10");
    assert!(hub.topdir().join(&path[1..]).is_file());
    assert_eq!(hub.http("GET /lookaside/../hub.conf", &[], b"").status, 404);

    let sha256 = sum("sha256", CONTENT);
    let fields = [("name", "rpms/foo"), ("sha256sum", &*sha256), ("file", CONTENT)];
    assert_eq!(post(&hub, &alice, &fields).status, 200);
    let path = format!("/lookaside/rpms/foo/data.tar/sha256/{sha256}/data.tar");
    assert_eq!(hub.http(&format!("GET {path}"), &[], b"").text(), CONTENT);
}

#[test]
fn what_is_wrong_is_refused() {
    let hub = TestHub::start_with_lookaside(Database::Sqlite);
    let hash = sum("sha512", CONTENT);
    let alice = [("Authorization", ALICE.to_owned())];
    let whole = [("name", "foo"), ("sha512sum", &*hash), ("file", CONTENT)];
    for login in
        [None, Some("Basic YWxpY2U6d3Jvbmc="), Some("Basic Og=="), Some("Basic !"), Some("Negotiate x")]
    {
        let headers: Vec<_> = login.iter().map(|login| ("Authorization", (*login).to_owned())).collect();
        let refused = post(&hub, &headers, &whole);
        assert_eq!((refused.status, refused.header("www-authenticate")), (401, "Basic realm=\"lookaside\""));
    }
    let wrong = sum("sha512", "other");
    let cases: [(&[(&str, &str)], &str); 9] = [
        (&[("name", "foo"), ("sha512sum", &wrong), ("file", CONTENT)], "data.tar: its sha512 is"),
        (&[("name", "../foo"), ("sha512sum", &hash), ("file", CONTENT)], "Invalid package name"),
        (&[("name", ".incoming"), ("sha512sum", &hash), ("file", CONTENT)], "is hidden"),
        (&[("name", "foo"), ("sha512sum", "12"), ("file", CONTENT)], "no sha512 checksum"),
        (
            &[("name", "foo"), ("md5sum", &sum("md5", CONTENT)), ("file", CONTENT)],
            "md5 checksums are not taken",
        ),
        (&[("sha512sum", &hash), ("file", CONTENT)], "the field name is missing"),
        (&[("name", "foo"), ("file", CONTENT)], "the field sha512sum is missing"),
        (&[("name", "foo"), ("sha512sum", &hash)], "the field file is missing"),
        (&[("name", "foo"), ("sha512sum", &hash), ("filename", "../x")], "Invalid file name"),
    ];
    for (fields, told) in cases {
        let refused = post(&hub, &alice, fields);
        assert_eq!(refused.status, 400, "{fields:?}: {}", refused.text());
        assert!(refused.text().contains(told), "{fields:?}: {}", refused.text());
    }
    let kept = std::fs::read_dir(hub.topdir().join("lookaside")).unwrap().flatten();
    assert_eq!(kept.filter(|entry| entry.file_name() != ".incoming").count(), 0);
}

#[test]
fn a_hub_without_the_role_keeps_nothing() {
    let hub = TestHub::start(Database::Sqlite);
    assert_eq!(post(&hub, &[("Authorization", ALICE.to_owned())], &[("name", "foo")]).status, 404);
}
