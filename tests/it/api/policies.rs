//! Policies that a hub's configuration has, asked over the wire and looked at by the daemon's command.

use koji_core::client::Session;
use koji_core::wire::Value;
use koji_core::{Fault, Result};
use koji_tests::{Database, TestHub, each_database};

use super::cg::{members, text};

const POLICIES: &str = "VerbosePolicy = on
[policy]
tag =
    has_perm admin :: allow
    operation untag :: {
        user bob :: break
        all :: deny
    }
    ! tag open-* && ! policy extra :: flag closed
    flagged closed :: deny closed for now
    all :: allow
extra =
    user bob :: yes
channel =
    method sleep :: default
    all :: use default
volume =
    is_draft && draft_superseded :: drafts
";

fn call(session: &mut Session, method: &str, args: &[Value]) -> Result<Value> {
    session.call_named(method, args.to_vec(), vec![])
}

fn tagging(hub: &TestHub) -> Session {
    let mut admin = hub.user("kojiadmin");
    for tag in ["open-1", "shut-1"] {
        call(&mut admin, "createTag", &[text(tag)]).unwrap();
        call(&mut admin, "packageListAdd", &[text(tag), text("foo"), text("alice")]).unwrap();
    }
    for user in ["alice", "bob"] {
        call(&mut admin, "grantPermission", &[text(user), text("tag")]).unwrap();
    }
    call(&mut admin, "createEmptyBuild", &[text("foo"), text("1"), text("1"), Value::Nil]).unwrap();
    admin
}

#[test]
fn rules_of_koji_1_36_decide() {
    each_database(|database| {
        let hub = TestHub::start_with(database, POLICIES);
        tagging(&hub);
        let (mut alice, mut bob) = (hub.user("alice"), hub.user("bob"));
        let tag = |session: &mut Session, method: &str, tag: &str| {
            call(session, method, &[text(tag), text("foo-1-1")]).map_err(|error| (error.fault, error.message))
        };
        let (fault, message) = tag(&mut alice, "tagBuildBypass", "shut-1").unwrap_err();
        assert_eq!(fault, Fault::NotAllowed);
        assert_eq!(
            message,
            "policy violation (tag): closed for now [rule: flagged closed :: deny closed for now]"
        );
        tag(&mut alice, "tagBuildBypass", "open-1").unwrap();
        tag(&mut bob, "tagBuildBypass", "shut-1").unwrap();
        assert_eq!(tag(&mut alice, "untagBuildBypass", "open-1").unwrap_err().0, Fault::NotAllowed);
        tag(&mut bob, "untagBuildBypass", "open-1").unwrap();
        let eval = |session: &mut Session, policy: &str, data: Value| {
            call(session, "evalPolicy", &[text(policy), data]).map_err(|error| error.fault)
        };
        assert_eq!(eval(&mut bob, "channel", members([("method", text("sleep"))])), Ok(text("default")));
        assert_eq!(eval(&mut bob, "volume", members([("build", text("foo-1-1"))])), Ok(Value::Nil));
        assert_eq!(eval(&mut bob, "channel", members([("method", Value::Int(1))])), Err(Fault::Unforeseen));
        let drafts = members([("draft", true.into()), ("build", Value::Int(99))]);
        assert_eq!(eval(&mut bob, "volume", drafts), Ok(Value::Nil));
    });
}

/// A command's exit status and what it wrote.
fn hubd(hub: &TestHub, words: &[&str]) -> (i32, String) {
    let done = hub.hubd(words);
    let text = String::from_utf8(done.stdout).unwrap();
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    (done.status.code().unwrap(), text)
}

#[test]
fn the_command_explains_a_verdict() {
    let hub = TestHub::start_with(Database::Sqlite, POLICIES);
    tagging(&hub);
    let words = [
        "policy",
        "explain",
        "tag",
        "--build",
        "foo-1-1",
        "--tag",
        "shut-1",
        "--user",
        "alice",
        "operation=tag",
    ];
    let (code, shown) = hubd(&hub, &words);
    assert_eq!(code, 0, "{shown}");
    for part in [
        "policy tag for: build=foo-1-1 tag=shut-1 user_id=alice operation=tag\n",
        "permissions of the user: tag",
        "=> ",
        "hub.conf:11: flagged closed :: deny closed for now [holds]",
        "result: deny closed for now\n",
    ] {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
    let json: Value = koji_core::wire::json::parse(hubd_json(&hub, &words).as_bytes()).unwrap();
    assert_eq!(json.get("action"), Some(&text("deny closed for now")));
    assert!(json.get("decided").and_then(Value::as_str).unwrap().ends_with("hub.conf:11"));
    assert_eq!(hubd(&hub, &["policy", "explain", "volume"]).0, 3);
    assert_eq!(hubd(&hub, &["policy", "explain", "volume", "draft=true", "--build", "gone-1-1"]).0, 3);
    assert_eq!(hubd(&hub, &["policy", "explain", "vm", "--build", "gone-1-1", "--user", "nobody"]).0, 0);
    let (code, shown) =
        hubd(&hub, &["policy", "explain", "draft_promotion", "--build", "gone-1-1", "--user", "bob"]);
    assert!(code == 1 && shown.contains("names a build that is not there"), "{code} {shown}");
    assert_eq!(hubd(&hub, &["policy", "explain", "nothing"]).0, 1);
}

fn hubd_json(hub: &TestHub, words: &[&str]) -> String {
    let done = hub.hubd(&[words, &["--json"]].concat());
    String::from_utf8(done.stdout).unwrap()
}

#[test]
fn the_command_finds_mistakes() {
    let hub = TestHub::start_with(Database::Sqlite, POLICIES);
    assert_eq!(hubd(&hub, &["policy", "check"]).0, 0);
    hub.reconfigure("[policy]\ntag =\n  all :: allow\n  user x :: deny");
    let (code, shown) = hubd(&hub, &["policy", "check"]);
    assert!(
        code == 3 && shown.contains("hub.conf:5:") && shown.contains("never reached: line 2 decides"),
        "{shown}"
    );
    hub.reconfigure("[policy]\ntag =\n  # a comment\n  has_prem admin :: allow");
    let (code, shown) = hubd(&hub, &["policy", "check"]);
    assert!(
        code == 1 && shown.contains("hub.conf:5:") && shown.contains("did you mean has_perm?"),
        "{shown}"
    );
    let json = hubd_json(&hub, &["policy", "check"]);
    assert!(json.contains("\"severity\": \"error\""), "{json}");
}
