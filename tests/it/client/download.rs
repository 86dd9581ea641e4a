//! Downloads from servers that misbehave: the file is right, or there is none.

use std::path::Path;
use std::time::Duration;

use koji_core::client::{Download, Downloaded, Expected, Options, Patience, Wanted, urls_below};
use koji_core::wire::Value;
use koji_core::{Result, rpm::RpmFile};
use koji_tests::Fault::{
    HangsUpAfter, IgnoresRange, NoLength, None as Fine, SaysNothing, Serves, Status, WrongRange,
};
use koji_tests::{Fault, FaultyServer, SourcePackage};

const CONTENT: &[u8] = b"0123456789abcdefghij";

fn fetch(servers: &[&FaultyServer], dest: &Path, expected: &Expected) -> Result<Downloaded> {
    let tops = servers.iter().map(|server| server.url()).collect::<Vec<_>>().join(" ");
    let patience = Patience { tries: 4, pause: Duration::from_millis(1) };
    let urls = urls_below(&tops, "dir/file");
    let wanted = Wanted { urls: &urls, dest, expected };
    Download::new(&Options::default()).with_patience(patience).fetch(&wanted, &mut |_| {})
}

fn sized() -> Expected {
    Expected { size_bytes: Some(CONTENT.len() as u64), content: None }
}

fn summed() -> Expected {
    let mut digest = koji_core::digest::Digest::of_kind("sha256").unwrap();
    digest.update(CONTENT);
    Expected::digest("sha256", &digest.hex())
}

#[test]
fn what_passes_is_outlasted() {
    let server = FaultyServer::start(CONTENT);
    let dir = tempfile::tempdir().unwrap();
    let dest = dir.path().join("file");
    let other = vec![b'x'; CONTENT.len()];
    let cases: [(&[Fault], Expected, &[&str]); 10] = [
        (&[Status(503), Status(500), Fine], Expected::default(), &["", "", ""]),
        (&[SaysNothing], Expected::default(), &["", ""]),
        // the rest is asked for, and only the rest
        (&[HangsUpAfter(7), HangsUpAfter(3)], Expected::default(), &["", "7-", "10-"]),
        (&[HangsUpAfter(7)], summed(), &["", "7-"]),
        (&[HangsUpAfter(7), IgnoresRange], summed(), &["", "7-"]),
        (&[HangsUpAfter(7), WrongRange], Expected::default(), &["", "7-", ""]),
        (&[HangsUpAfter(7), Status(429)], sized(), &["", "7-", "7-"]),
        (&[NoLength(5)], sized(), &["", "5-"]),
        (&[NoLength(20)], sized(), &[""]),
        // a rest of another file does not fit
        (&[HangsUpAfter(7), Serves(other)], summed(), &["", "7-", ""]),
    ];
    for (faults, expected, ranges) in cases {
        server.plan(faults);
        drop(std::fs::remove_file(&dest));
        let done = fetch(&[&server], &dest, &expected);
        assert_eq!(done.as_ref().ok(), Some(&Downloaded::Fetched), "{faults:?} {expected:?}: {done:?}");
        assert_eq!(std::fs::read(&dest).unwrap(), CONTENT, "{faults:?}");
        assert_eq!(server.ranges(), ranges, "{faults:?}");
    }
}

#[test]
fn nothing_wrong_is_kept() {
    let server = FaultyServer::start(CONTENT);
    let dir = tempfile::tempdir().unwrap();
    let dest = dir.path().join("file");
    let other = || Serves(vec![b'x'; CONTENT.len()]);
    let cases: [(Vec<Fault>, Expected, &str); 6] = [
        (vec![Status(503); 4], sized(), "the server answered 503"),
        (vec![Status(403)], sized(), "the server answered 403"),
        (vec![HangsUpAfter(0); 4], sized(), "/dir/file: "),
        (vec![Serves(b"012345".to_vec())], sized(), "6 bytes came instead of 20"),
        (vec![other()], summed(), "its sha256 is"),
        (vec![NoLength(5)], Expected::default(), "nothing else tells whether the file is whole"),
    ];
    for (faults, expected, told) in cases {
        server.plan(&faults);
        let error = fetch(&[&server], &dest, &expected).unwrap_err();
        assert!(error.message.contains(told), "{faults:?}: {error}");
        assert!(!dest.exists(), "{faults:?}");
        drop(std::fs::remove_file(dir.path().join("file.part")));
    }
    server.plan(&[Status(404)]);
    assert_eq!(fetch(&[&server], &dest, &summed()).unwrap(), Downloaded::Absent);
}

#[test]
fn what_an_earlier_program_left_is_used_only_if_it_can_be_checked() {
    let server = FaultyServer::start(CONTENT);
    let dir = tempfile::tempdir().unwrap();
    let (dest, part) = (dir.path().join("file"), dir.path().join("file.part"));
    let cases: [(&[u8], Expected, &[&str]); 5] = [
        (b"01234", summed(), &["5-"]),
        (b"01234", Expected::default(), &[""]),
        (b"xxxxx", summed(), &["5-", ""]),
        // longer than the file
        (&[b'0'; 30], summed(), &["30-", ""]),
        (CONTENT, summed(), &[]),
    ];
    for (left, expected, ranges) in cases {
        server.plan(&[]);
        std::fs::write(&part, left).unwrap();
        drop(std::fs::remove_file(&dest));
        assert_eq!(fetch(&[&server], &dest, &expected).unwrap(), Downloaded::Fetched);
        assert_eq!(std::fs::read(&dest).unwrap(), CONTENT);
        assert_eq!(server.ranges(), ranges, "{left:?}");
    }
    server.plan(&[]);
    assert_eq!(fetch(&[&server], &dest, &summed()).unwrap(), Downloaded::Present);
    std::fs::write(&dest, vec![b'x'; CONTENT.len()]).unwrap();
    assert_eq!(fetch(&[&server], &dest, &summed()).unwrap(), Downloaded::Fetched);
}

#[test]
fn another_server_may_have_what_one_has_not() {
    let (first, second) = (FaultyServer::start(CONTENT), FaultyServer::start(CONTENT));
    let dir = tempfile::tempdir().unwrap();
    let dest = dir.path().join("file");
    for fault in [Status(404), Status(403), Status(503), SaysNothing, Serves(b"x".to_vec()), HangsUpAfter(3)]
    {
        first.plan(std::slice::from_ref(&fault));
        second.plan(&[]);
        drop(std::fs::remove_file(&dest));
        assert_eq!(fetch(&[&first, &second], &dest, &summed()).unwrap(), Downloaded::Fetched, "{fault:?}");
        assert_eq!(second.ranges().len(), 1, "{fault:?}");
    }
}

#[test]
fn an_rpm_is_recognised_by_its_content() {
    let dir = tempfile::tempdir().unwrap();
    let package = SourcePackage { name: "foo", version: "1", build_arch: "noarch", requires: "" };
    let path = package.binary_rpm(dir.path());
    let (bytes, rpm) = (std::fs::read(&path).unwrap(), RpmFile::open(&path).unwrap());
    let row = |hash: &str, size: usize| {
        let size = i64::try_from(size).unwrap();
        Value::Struct(vec![("payloadhash".into(), hash.into()), ("size".into(), size.into())])
    };
    let server = FaultyServer::start(&bytes);
    let dest = dir.path().join("foo.rpm");
    let expected = Expected::of_rpm(&row(&rpm.payloadhash, bytes.len()));
    server.plan(&[HangsUpAfter(bytes.len() / 2)]);
    assert_eq!(fetch(&[&server], &dest, &expected).unwrap(), Downloaded::Fetched);
    assert_eq!(std::fs::read(&dest).unwrap(), bytes);
    std::fs::remove_file(&dest).unwrap();
    // one bit of the payload: the headers are whole and tell the right hash
    let mut flipped = bytes;
    *flipped.last_mut().unwrap() ^= 1;
    server.plan(&[Serves(flipped)]);
    let told = fetch(&[&server], &dest, &expected).unwrap_err().message;
    assert!(told.contains("its payload hash is"), "{told}");
    let told = fetch(&[&server], &dest, &Expected::of_signed(&row("00", 0))).unwrap_err().message;
    assert!(told.ends_with(" instead of 00"), "{told}");
}
